import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'
import { spawnpoint } from './spawnpoint.ts'

type Order = {
  id: string
  status: string
  billing_status: string
  desired: string
  plan: string
  error_message: string | null
  money: {
    paid_until: string | null
    subscription_status: string | null
    findings: { kind: string; finding: string }[]
  }
}

type Invoice = { id: string; status: string; total: number; amount_paid: number }

const movedClock = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
const day = 86_400
const slow = { timeoutMs: 30_000, everyMs: 100 }

// Sequences from public reports, each as a seller's Payment Link sells it, delivered by webhooks and by catching up alone.
describe.each(['webhooks', 'catching up alone'] as const)('Delivered by %s', (way) => {
  const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-clock-'))
  const clock = join(directory, 'ahead-ms')
  let shop: Shop
  const orders: Record<string, { subscription: string; customer: string; email: string }> = {}

  beforeAll(async () => {
    writeFileSync(clock, '0')
    shop = await openShop({ timeScale: 0.02, env: { CATCH_UP_MINUTES: '0' } })
    const { order } = shop.stack.services
    await order.stop()
    await order.start({ env: { CLOCK_FILE: clock }, nodeArgs: ['--import', movedClock] })
    await eventually(() => shop.send('order', 'GET', '/livez'))
    await sells('monthly', 999, 'month')
    await sells('yearly', 9990, 'year')
    if (way === 'catching up alone') shop.stripe.addWebhookFault({ do: { kind: 'drop' } })
  }, 120_000)
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  test('each first payment gets its server, whichever event arrives first', async () => {
    for (const name of ['lines', 'paused', 'switched', 'balance', 'returned'])
      orders[name] = buys(name, { plan: 'monthly' })
    orders.downgraded = buys('downgraded', { plan: 'yearly', amount: 9990, interval: 'year' })
    await catchUp()
    for (const name of Object.keys(orders))
      await becomes(name, { status: 'provisioned', billing_status: 'paid' })
  }, 90_000)

  test('a plan in another spelling is the same plan, and an unknown one is quoted', async () => {
    orders.spelled = buys('spelled', { plan: ' Monthly ' })
    orders.unknown = buys('unknown', { plan: 'weekly ' })
    await catchUp()
    await becomes('spelled', { status: 'provisioned', plan: 'monthly' })
    await becomes('unknown', {
      status: 'error',
      error_message: 'Paid for the unknown plan "weekly": held',
    })
  }, 60_000)

  test('two units in one subscription are held with what was bought and the ways out, and one server is made for them', async () => {
    shop.stripe.sellByLink({
      ...{ amount: 999, interval: 'month', quantity: 2, email: 'two@example.com' },
      metadata: { plan: 'monthly', region: 'eu' },
    })
    await catchUp()
    const held = await eventually(async () => {
      const [found] = await ordersOf('two@example.com')
      expect(found).toMatchObject({
        ...{ status: 'error', desired: 'none' },
        error_message: expect.stringContaining(
          'Bought 2 × monthly (19.98 EUR paid), and one order is one server',
        ),
      })
      return found
    }, slow)
    const path = `/admin/orders/${held?.id}/decide`
    expect(await (await shop.send('order', 'POST', path, {})).json()).toMatchObject({
      ...{ code: 'still_held', detail: expect.stringContaining('sell each unit as an order of its own') },
    })
    await shop.send('order', 'POST', path, { accept_amount: true, reason: 'One is enough for them.' })
    await shop.becomes(held?.id ?? '', 'provisioned')
  }, 60_000)

  test('a payment of zero without a discount is held', async () => {
    shop.stripe.sellByLink({
      ...{ mode: 'payment', amount: 0, email: 'free@example.com' },
      metadata: { plan: 'once', region: 'eu' },
    })
    await sells('once', 9999, null)
    await catchUp()
    await eventually(async () => {
      const found = await ordersOf('free@example.com')
      expect(found).toMatchObject([{ status: 'error', desired: 'none' }])
    }, slow)
  }, 60_000)

  test('a yearly plan that becomes a monthly one is paid until the end of that month', async () => {
    shop.stripe.switchPlan({
      ...{ subscription: idOf('downgraded'), amount: 999, interval: 'month' },
      ...{ price_metadata: { plan: 'monthly' }, proration_behavior: 'always_invoice' },
    })
    await catchUp()
    await eventually(async () => {
      const { money, plan } = await orderOf('downgraded')
      expect(plan).toBe('monthly')
      expect(daysUntil(money.paid_until)).toBeLessThan(32)
    }, slow)
  }, 60_000)

  test('a Price without a plan is reported, and the server stays as it is', async () => {
    shop.stripe.switchPlan({ subscription: idOf('switched'), amount: 50, proration_behavior: 'none' })
    await catchUp()
    const order = await becomes('switched', {
      billing_status: 'paid',
      plan: 'monthly',
      status: 'provisioned',
    })
    await eventually(async () => {
      const { money } = await orderOf('switched')
      expect(money.findings).toMatchObject([
        { kind: 'plan_price_mismatch', finding: expect.stringContaining('charges 0.50 EUR a month') },
      ])
    }, slow)
    expect(await discrepancies(order.id)).toContain('plan_price_mismatch')
  }, 60_000)

  test('the next month: long invoices, a paused collection, a balance, an underpaid renewal, a returned debit', async () => {
    shop.stripe.crowdInvoice({ subscription: idOf('lines'), count: 12 })
    shop.stripe.pauseCollection({ subscription: idOf('paused'), behavior: 'mark_uncollectible' })
    shop.stripe.credit(customerOf('balance'), 500)
    shop.stripe.setCard(customerOf('returned'), 'bank_debit')
    await move(32 * day)
    await catchUp()

    await eventually(async () => {
      const { money, status } = await orderOf('lines')
      expect(status).toBe('provisioned')
      expect(daysUntil(money.paid_until)).toBeGreaterThan(20)
    }, slow)
    const switched = await becomes('switched', { billing_status: 'paid', status: 'provisioned' })
    await eventually(async () => expect(await discrepancies(switched.id)).toContain('underpaid'), slow)

    const invoice = await renewalOf('balance')
    expect(invoice).toMatchObject({ total: 999, amount_paid: 499 })
    shop.stripe.refund({ payment_intent: await intentOf(invoice.id), amount: 499 })
    await catchUp()
    await becomes('balance', { billing_status: 'refunded', desired: 'suspended' })

    const debit = await renewalOf('returned')
    if (debit.status === 'open') shop.stripe.settleDebit(debit.id, 'succeeded')
    await catchUp()
    await becomes('returned', { billing_status: 'paid' })
    shop.stripe.openDispute({ invoice: (await renewalOf('returned')).id })
    await catchUp()
    const returned = await becomes('returned', { billing_status: 'past_due', desired: 'running' })
    expect(returned.money.subscription_status).toBe('active')

    // Longer than the grace and the retention: nobody who has paid, or is not asked to pay, has lost anything.
    await move(12 * day)
    await catchUp()
    await becomes('returned', { billing_status: 'past_due', desired: 'suspended' })
    for (const name of ['lines', 'paused', 'switched', 'downgraded'])
      expect(await orderOf(name), name).toMatchObject({ desired: 'running', status: 'provisioned' })
    await eventually(async () => {
      const { id } = await orderOf('paused')
      expect(await discrepancies(id)).toContain('running_unpaid')
    }, slow)
  }, 120_000)

  test('one reconciliation names all four: underpaid, another Price, paid and suspended, running unpaid', async () => {
    const suspended = await orderOf('lines')
    await shop.instruct(suspended.id, 'suspend')
    const switched = (await orderOf('switched')).id
    const expected = [
      { kind: 'underpaid', order_id: switched },
      { kind: 'plan_price_mismatch', order_id: switched },
      { kind: 'paid_and_suspended', order_id: suspended.id },
      { kind: 'running_unpaid', order_id: (await orderOf('paused')).id },
    ]
    await eventually(async () => {
      const { stdout } = await spawnpoint(shop, 'reconcile', '--json')
      const { differences } = JSON.parse(stdout) as { differences: { kind: string; order_id: string }[] }
      for (const each of expected) expect(differences).toContainEqual(expect.objectContaining(each))
    }, slow)
    await shop.instruct(suspended.id, 'resume')
    await becomes('lines', { desired: 'running', status: 'provisioned' })
  }, 60_000)

  test('a first payment of another amount is held until a person accepts it, or a full one comes', async () => {
    const anchor = Math.floor(shop.stripe.now() / 1_000) + day
    for (const name of ['accepted', 'released']) {
      const { customer, subscription } = shop.stripe.subscribe({
        ...{ email: `${name}@example.com`, amount: 999, billing_cycle_anchor: anchor },
        metadata: { plan: 'monthly', region: 'eu' },
      })
      orders[name] = { customer, subscription: subscription.id, email: `${name}@example.com` }
    }
    await catchUp()
    const held = await becomes('accepted', { status: 'error', desired: 'none' })
    expect(held.error_message).toMatch(/^Paid 0\.3\d EUR where the order costs 9\.99 EUR/)
    const refused = await shop.send('order', 'POST', `/admin/orders/${held.id}/decide`, {})
    expect(await refused.json()).toMatchObject({ code: 'still_held' })
    const accepted = await shop.send('order', 'POST', `/admin/orders/${held.id}/decide`, {
      ...{ accept_amount: true, reason: 'The first days are prorated.' },
    })
    expect(accepted.status).toBe(200)
    await becomes('accepted', { status: 'provisioned' })

    await becomes('released', { status: 'error' })
    await move(2 * day)
    await catchUp()
    await becomes('released', { status: 'provisioned', billing_status: 'paid' })
  }, 90_000)

  function buys(
    name: string,
    {
      plan,
      amount = 999,
      interval = 'month' as 'month' | 'year',
    }: { plan: string; amount?: number; interval?: 'month' | 'year' },
  ) {
    const email = `${name}@example.com`
    const { subscription } = shop.stripe.sellByLink({
      ...{ amount, interval, email },
      metadata: { plan, region: 'eu' },
    })
    if (!subscription) throw new Error('A subscription was sold')
    return { subscription: subscription.id, customer: String(subscription.customer), email }
  }

  async function sells(plan: string, amount: number, interval: string | null): Promise<void> {
    await shop.send('order', 'PUT', `/admin/plans/${plan}`, { name: plan, amount, currency: 'eur', interval })
    await shop.send('provisioner', 'PUT', `/admin/plan-specs/${plan}`, {
      ptero_egg_id: 1,
      limits: { memory: 512, swap: 0, disk: 1024, io: 500, cpu: 0 },
      environment: {},
    })
  }

  /** Where no webhook comes, this is all that the gateway learns. */
  async function catchUp(): Promise<void> {
    if (way === 'webhooks') return
    await shop.send('billing-gateway', 'POST', '/admin/catch-up')
    await eventually(async () => {
      const last = (await (await shop.send('billing-gateway', 'GET', '/admin/catch-up')).json()) as object
      expect(last).toMatchObject({ is_over: true, error: null })
    }, slow)
  }

  async function move(seconds: number): Promise<void> {
    await shop.stripe.moveClock({ advance_seconds: seconds })
    writeFileSync(clock, String(shop.stripe.now() - Date.now()))
  }

  function daysUntil(iso: string | null): number {
    return (Date.parse(iso ?? '') - shop.stripe.now()) / day / 1_000
  }

  const idOf = (name: string) => orders[name]?.subscription ?? ''
  const customerOf = (name: string) => orders[name]?.customer ?? ''

  async function ordersOf(email: string): Promise<Order[]> {
    const { data } = (await (await shop.send('order', 'GET', '/orders?limit=100')).json()) as {
      data: (Order & { customer: { email: string } })[]
    }
    return data.filter(({ customer }) => customer.email === email)
  }

  async function orderOf(name: string): Promise<Order> {
    const [found, ...others] = await ordersOf(orders[name]?.email ?? '')
    if (!found || others.length > 0) throw new Error(`${name} has ${others.length + (found ? 1 : 0)} orders`)
    return (await (await shop.send('order', 'GET', `/orders/${found.id}`)).json()) as Order
  }

  function becomes(name: string, wanted: Partial<Order>): Promise<Order> {
    return eventually(async () => {
      const order = await orderOf(name)
      expect(order, name).toMatchObject(wanted)
      return order
    }, slow)
  }

  async function discrepancies(orderId: string): Promise<string[]> {
    const { data } = (await (
      await shop.send('order', 'GET', '/admin/differences?limit=100&state=open')
    ).json()) as {
      data: { kind: string; order_id: string }[]
    }
    return data.filter(({ order_id }) => order_id === orderId).map(({ kind }) => kind)
  }

  async function renewalOf(name: string): Promise<Invoice> {
    const { data } = await fromStripe<{ data: Invoice[] }>(`invoices?subscription=${idOf(name)}&limit=1`)
    const [invoice] = data
    if (!invoice) throw new Error(`${name} has an invoice`)
    return invoice
  }

  async function intentOf(invoice: string): Promise<string> {
    type Paid = { payment: { payment_intent: string } }
    const { data } = await fromStripe<{ data: Paid[] }>(`invoice_payments?invoice=${invoice}`)
    return data[0]?.payment.payment_intent ?? ''
  }

  async function fromStripe<Thing>(path: string): Promise<Thing> {
    const { url, secretKey } = shop.stripe
    const response = await fetch(`${url}/v1/${path}`, { headers: { authorization: `Bearer ${secretKey}` } })
    return (await response.json()) as Thing
  }
})
