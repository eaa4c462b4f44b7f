import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

type Order = {
  id: string
  status: string
  billing_status: string
  desired: string
  plan: string
  money: {
    paid_until: string | null
    subscription_id: string
    findings: { kind: string; about: string; finding: string }[]
  }
}
type Invoice = { id: string; status: string; amount_paid: number }

const movedClock = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
const day = 86_400
const slow = { timeoutMs: 30_000, everyMs: 100 }
const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-clock-'))
const clock = join(directory, 'ahead-ms')
let shop: Shop

// A month of a seller who changes plans, Prices and subscriptions at Stripe, and of customers who pay for them or do not.

beforeAll(async () => {
  writeFileSync(clock, '0')
  shop = await openShop({ timeScale: 0.02 })
  const { order } = shop.stack.services
  await order.stop()
  await order.start({ env: { CLOCK_FILE: clock }, nodeArgs: ['--import', movedClock] })
  await eventually(() => shop.send('order', 'GET', '/livez'))
  shop.stripe.setBilling({ final_outcome: 'unpaid' })
  await sells('monthly', 999)
  await sells('bigger', 1999)
  await sells('strict', 999, { underpaid: 'suspend' })
  await sells('strict-bigger', 1999, { underpaid: 'suspend' })
  await sells('long', 999, { retention_days: 60 })
}, 120_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

test('a bigger plan in the first month that no invoice charges, or whose invoice nobody confirms, is underpaid', async () => {
  for (const name of ['uncharged', 'unconfirmed', 'waiting', 'replaced', 'loyal', 'upgraded'])
    await buys(name, 'monthly')
  await buys('strict', 'strict')
  await buys('unpaid', 'long')
  const { subscription_id: uncharged } = (await orderOf('uncharged')).money
  shop.stripe.switchPlan({
    ...{ subscription: uncharged, amount: 1999, proration_behavior: 'none' },
    price_metadata: { plan: 'bigger' },
  })
  const change = { amount: 1999, price_metadata: { plan: 'bigger' } }
  const { subscription_id: waiting } = (await orderOf('waiting')).money
  shop.stripe.switchPlan({ ...change, subscription: waiting, proration_behavior: 'create_prorations' })
  const { subscription_id: unconfirmed } = (await orderOf('unconfirmed')).money
  await toStripe(`subscriptions/${unconfirmed}`, {
    ...{ 'items[0][id]': (await itemOf(unconfirmed)) ?? '', 'items[0][price]': await biggerPrice() },
    ...{ proration_behavior: 'always_invoice', payment_behavior: 'default_incomplete' },
  })
  for (const [name, about] of [
    ['uncharged', uncharged],
    ['unconfirmed', unconfirmed],
  ] as const)
    await becomes(name, {
      ...{ plan: 'bigger', desired: 'running' },
      money: { findings: [{ kind: 'underpaid', about }] },
    })
  // Each change was looked up, with what waits for the next invoice.
  await eventually(async () => expect(shop.stripe.state().calls['GET /v1/invoiceitems']).toBe(3), slow)
  expect(await orderOf('waiting')).toMatchObject({ plan: 'bigger', money: { findings: [] } })
  await eventually(async () => {
    const health = (await (await shop.send('order', 'GET', '/health')).json()) as object
    expect(health).toMatchObject({
      status: 'degraded',
      failing: { money: expect.stringContaining('reconcile') },
    })
  }, slow)
}, 120_000)

test('a subscription that the seller makes to begin where the paid month ends takes over its order', async () => {
  const { id, money } = await orderOf('replaced')
  const { subscription } = shop.stripe.subscribe({
    ...{ customer: await customerOf('replaced'), email: 'replaced@example.com', amount: 999 },
    ...{
      billing_cycle_anchor: Math.floor(Date.parse(money.paid_until ?? '') / 1_000),
      proration_behavior: 'none',
    },
    ...{ price_metadata: { plan: 'monthly' }, metadata: { order_id: id, plan: 'monthly', region: 'eu' } },
  })
  await fromStripe(`subscriptions/${money.subscription_id}`, { method: 'DELETE' })
  await becomes('replaced', {
    ...{ desired: 'running', billing_status: 'paid' },
    money: { subscription_id: subscription.id, paid_until: money.paid_until, findings: [] },
  })
}, 60_000)

test('the next month: a paid upgrade is not underpaid, also where that suspends', async () => {
  shop.stripe.setCard(await customerOf('unpaid'), 'declined')
  shop.stripe.setCard(await customerOf('loyal'), 'declined')
  await move(32 * day)
  for (const name of ['upgraded', 'strict', 'replaced']) await paidFor(name, 20)
  for (const [name, plan] of [
    ['upgraded', 'bigger'],
    ['strict', 'strict-bigger'],
  ] as const) {
    const { id } = await orderOf(name)
    const changed = await shop.send('order', 'POST', `/orders/${id}/plan`, { plan, when: 'now' })
    expect(changed.status).toBeLessThan(300)
    await becomes(name, { plan, billing_status: 'paid', desired: 'running' })
    await eventually(async () => expect((await orderOf(name)).money.findings).toEqual([]), slow)
  }
  // Longer than the grace.
  await move(5 * day)
  await becomes('loyal', { billing_status: 'past_due', desired: 'suspended' })
  for (const name of ['upgraded', 'strict', 'replaced'])
    expect(await orderOf(name), name).toMatchObject({
      desired: 'running',
      status: 'provisioned',
      money: { findings: [] },
    })
}, 120_000)

test('a subscription at a listed Price that costs less takes over a suspended order whose own has ended', async () => {
  const { id, money } = await orderOf('loyal')
  const customer = await customerOf('loyal')
  await fromStripe(`subscriptions/${money.subscription_id}`, { method: 'DELETE' })
  await becomes('loyal', { billing_status: 'ended', desired: 'suspended' })
  shop.stripe.setCard(customer, 'works')
  const { subscription } = shop.stripe.subscribe({
    ...{ customer, email: 'loyal@example.com', amount: 799 },
    metadata: { order_id: id, plan: 'monthly', region: 'eu' },
  })
  await sells('monthly', 999, {}, [subscription.items.data[0]?.price.id ?? ''])
  await becomes('loyal', {
    desired: 'running',
    status: 'provisioned',
    money: { subscription_id: subscription.id },
  })
  // Longer than the retention.
  await move(9 * day)
  await becomes('loyal', { desired: 'running', billing_status: 'paid', money: { findings: [] } })
}, 120_000)

test('who pays the open invoice of an unpaid subscription once the next period is a draft stays suspended, and that is told', async () => {
  await becomes('unpaid', { desired: 'suspended' })
  await move(20 * day)
  const { data } = await fromStripe<{ data: Invoice[] }>(
    `invoices?subscription=${(await orderOf('unpaid')).money.subscription_id}`,
  )
  const open = data.filter(({ status }) => status === 'open')
  expect(open).toHaveLength(1)
  expect(data.map(({ status }) => status)).toContain('draft')
  shop.stripe.setCard(await customerOf('unpaid'), 'works')
  expect(shop.stripe.payInvoice(open[0]?.id ?? '').status).toBe('paid')
  await becomes('unpaid', {
    desired: 'suspended',
    money: {
      findings: [{ kind: 'paid_and_suspended', finding: expect.stringContaining(open[0]?.id ?? '') }],
    },
  })
}, 120_000)

test('a month whose invoice is never paid is told of though the next one is paid', async () => {
  await buys('sent', 'monthly')
  const { subscription_id } = (await orderOf('sent')).money
  shop.stripe.collectBy(subscription_id, 10)
  await move(31 * day)
  await move(31 * day)
  const { data } = await fromStripe<{ data: Invoice[] }>(`invoices?subscription=${subscription_id}`)
  const [newest, older] = data.filter(({ status }) => status === 'open')
  shop.stripe.payInvoice(newest?.id ?? '')
  await becomes('sent', {
    ...{ desired: 'running', billing_status: 'paid' },
    money: { findings: [{ kind: 'underpaid', about: older?.id }] },
  })
}, 120_000)

test('who is given ten days within a paid month runs on after them, while the invoice of the next month is sent and not due', async () => {
  await buys('given', 'strict')
  const { subscription_id, paid_until } = (await orderOf('given')).money
  const trialEnd = Math.floor(Date.parse(paid_until ?? '') / 1_000) + 10 * day
  shop.stripe.collectBy(subscription_id, 20)
  shop.stripe.extendTrial(subscription_id, trialEnd, { isCredited: false })
  await becomes('given', { money: { paid_until: new Date(trialEnd * 1_000).toISOString(), findings: [] } })
  // Longer than the trial and the grace after it.
  await move(trialEnd - Math.floor(shop.stripe.now() / 1_000) + 6 * day)
  await eventually(async () => {
    const { data } = await fromStripe<{ data: Invoice[] }>(`invoices?subscription=${subscription_id}`)
    expect(data[0]).toMatchObject({ status: 'open' })
  }, slow)
  for (const wait of [0, 1, 2]) {
    await move(wait * day)
    const now = await becomes('given', { money: { findings: [] } })
    expect(now).toMatchObject({ desired: 'running', status: 'provisioned', billing_status: 'paid' })
  }
}, 120_000)

async function buys(name: string, plan: string): Promise<void> {
  const placed = await shop.placeOrder({ plan, email: `${name}@example.com` })
  await shop.pay(placed.checkoutUrl)
  await becomes(name, { status: 'provisioned' })
}

async function sells(plan: string, amount: number, policy = {}, stripe_prices: string[] = []): Promise<void> {
  const terms = { name: plan, amount, currency: 'eur', interval: 'month', policy, stripe_prices }
  await shop.send('order', 'PUT', `/admin/plans/${plan}`, terms)
  await shop.send('provisioner', 'PUT', `/admin/plan-specs/${plan}`, {
    ptero_egg_id: 1,
    limits: { memory: 512, swap: 0, disk: 1024, io: 500, cpu: 0 },
    environment: {},
  })
}

async function biggerPrice(): Promise<string> {
  const { id } = await toStripe<{ id: string }>('prices', {
    ...{ currency: 'eur', unit_amount: '1999', 'recurring[interval]': 'month' },
    ...{ 'product_data[name]': 'Bigger', 'metadata[plan]': 'bigger' },
  })
  return id
}

async function itemOf(subscription: string): Promise<string | undefined> {
  const { items } = await fromStripe<{ items: { data: { id: string }[] } }>(`subscriptions/${subscription}`)
  return items.data[0]?.id
}

async function customerOf(name: string): Promise<string> {
  const { subscription_id } = (await orderOf(name)).money
  return (await fromStripe<{ customer: string }>(`subscriptions/${subscription_id}`)).customer
}

async function move(seconds: number): Promise<void> {
  await shop.stripe.moveClock({ advance_seconds: seconds })
  writeFileSync(clock, String(shop.stripe.now() - Date.now()))
}

async function paidFor(name: string, days: number): Promise<void> {
  await eventually(async () => {
    const { money } = await orderOf(name)
    expect((Date.parse(money.paid_until ?? '') - shop.stripe.now()) / day / 1_000, name).toBeGreaterThan(days)
  }, slow)
}

async function orderOf(name: string): Promise<Order> {
  const { data } = (await (await shop.send('order', 'GET', '/orders?limit=100')).json()) as {
    data: (Order & { customer: { email: string } })[]
  }
  const found = data.find(({ customer }) => customer.email === `${name}@example.com`)
  return (await (await shop.send('order', 'GET', `/orders/${found?.id}`)).json()) as Order
}

function becomes(name: string, wanted: object): Promise<Order> {
  return eventually(async () => {
    const order = await orderOf(name)
    expect(order, name).toMatchObject(wanted)
    return order
  }, slow)
}

function toStripe<Thing>(path: string, body: Record<string, string>): Promise<Thing> {
  return fromStripe(path, { method: 'POST', body: new URLSearchParams(body) })
}

async function fromStripe<Thing>(path: string, init: RequestInit = {}): Promise<Thing> {
  const { url, secretKey } = shop.stripe
  const headers = { authorization: `Bearer ${secretKey}` }
  return (await (await fetch(`${url}/v1/${path}`, { ...init, headers })).json()) as Thing
}
