import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quiet } from './quiet.ts'
import { openShop, type Shop } from './shop.ts'

// Sequences that real accounts have produced, played against the whole stack. The causes are in the unit tests of the same name.

type Order = {
  id: string
  status: string
  billing_status: string
  desired: string
  plan: string
  money: {
    paid_until: string | null
    open_invoice: { url: string | null } | null
    findings: { kind: string }[]
    payments: { payment_id: string; status: string; refunded: number; dispute: string | null }[]
    subscription_status: string | null
  }
}
const movedClock = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
const day = 86_400
const slow = { timeoutMs: 30_000, everyMs: 100 }

describe('Sequences of real accounts', () => {
  const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-clock-'))
  const clock = join(directory, 'ahead-ms')
  let shop: Shop
  const bought: Record<string, { subscription: string; customer: string }> = {}

  beforeAll(async () => {
    writeFileSync(clock, '0')
    shop = await openShop({ timeScale: 0.02, env: { CATCH_UP_MINUTES: '0' } })
    const { order } = shop.stack.services
    await order.stop()
    await order.start({ env: { CLOCK_FILE: clock }, nodeArgs: ['--import', movedClock] })
    await eventually(() => shop.send('order', 'GET', '/livez'))
    await sells('monthly', 999)
    await sells('large', 1_999)
    await sells('strict', 999, [], { underpaid: 'suspend' })
    shop.stripe.setBilling({ final_outcome: 'past_due', retry_days: [1] })
    for (const name of ['cancelled', 'left', 'upgraded', 'none', 'tried', 'clawed', 'given']) {
      const { subscription } = shop.stripe.sellByLink({
        ...{ amount: 999, interval: 'month', email: `${name}@example.com` },
        metadata: { plan: name === 'given' ? 'strict' : 'monthly', region: 'eu' },
      })
      if (!subscription) throw new Error('nothing was sold')
      bought[name] = { subscription: subscription.id, customer: String(subscription.customer) }
    }
    for (const name of Object.keys(bought))
      await becomes(name, { status: 'provisioned', billing_status: 'paid' })
  }, 120_000)
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true })
  })

  test('a trial that the seller gives in a paid month: no server is suspended as underpaid', async () => {
    shop.stripe.extendTrial(idOf('given'), Math.floor(shop.stripe.now() / 1_000) + 60 * day)
    await eventually(
      async () => expect((await orderOf('given')).money).toMatchObject({ subscription_status: 'trialing' }),
      slow,
    )
    await quiet(shop)
    await move(4 * day)
    await quiet(shop)
    const order = await orderOf('given')
    expect(order.desired).toBe('running')
  }, 60_000)

  test('a switch to a bigger plan whose invoice is declined is reported', async () => {
    shop.stripe.setCard(customerOf('upgraded'), 'declined')
    shop.stripe.switchPlan({
      ...{ subscription: idOf('upgraded'), amount: 1_999, interval: 'month' },
      ...{ price_metadata: { plan: 'large' }, proration_behavior: 'always_invoice' },
    })
    await becomes('upgraded', { plan: 'large' })
    await move(4 * day)
    await quiet(shop)
    const order = await orderOf('upgraded')
    expect(order).toMatchObject({ plan: 'large', desired: 'running' })
    expect(await findingsOf(order.id)).toContain('underpaid')
  }, 60_000)

  test('a declined upgrade, after which Stripe cancels, deletes no server within the paid month', async () => {
    shop.stripe.setBilling({ final_outcome: 'canceled', retry_days: [1] })
    const before = await orderOf('tried')
    shop.stripe.setCard(customerOf('tried'), 'declined')
    shop.stripe.switchPlan({
      ...{ subscription: idOf('tried'), amount: 1_999, interval: 'month' },
      ...{ price_metadata: { plan: 'large' }, proration_behavior: 'always_invoice' },
    })
    await move(2 * day)
    await quiet(shop)
    await move(7 * day)
    await quiet(shop)
    await move(1 * day + 600)
    await quiet(shop)
    const order = await orderOf('tried')
    expect(Date.parse(before.money.paid_until ?? '')).toBeGreaterThan(shop.stripe.now())
    expect(order.desired).toBe('running')
  }, 60_000)

  test('quantity 0 of a listed Price is reported', async () => {
    const found = await api<{ items: { data: { id: string; price: { id: string } }[] } }>(
      `subscriptions/${idOf('none')}`,
    )
    const [item] = found.items.data
    await sells('monthly', 999, [item?.price.id ?? ''])
    const changed = await api(`subscriptions/${idOf('none')}`, {
      'items[0][id]': item?.id ?? '',
      'items[0][quantity]': '0',
      proration_behavior: 'none',
    })
    expect(changed).not.toHaveProperty('error')
  }, 60_000)

  test('a customer who pays the open invoice after the end, by dunning or by request, keeps the server for that period', async () => {
    shop.stripe.setBilling({ final_outcome: 'canceled', retry_days: [1] })
    const ended = ['cancelled', 'left']
    for (const name of ended) shop.stripe.setCard(customerOf(name), 'declined')
    const isLate = async () =>
      (await api<{ status: string }>(`subscriptions/${idOf('left')}`)).status === 'past_due'
    for (let days = 0; days < 31 && !(await isLate()); days++) await move(day)
    await becomes('left', { billing_status: 'past_due', desired: 'running' })
    await api(`subscriptions/${idOf('left')}`, undefined, 'DELETE')
    await quiet(shop)
    await move(2 * day)
    for (const name of ended) {
      await becomes(name, { billing_status: 'ended', desired: 'suspended' })
      const { data } = await api<{ data: { id: string; status: string }[] }>(
        `invoices?subscription=${idOf(name)}&limit=1`,
      )
      shop.stripe.setCard(customerOf(name), 'works')
      shop.stripe.payInvoice(data[0]?.id ?? '')
      await becomes(name, { desired: 'running' })
    }
    await move(7 * day)
    await quiet(shop)
    await move(1 * day + 600)
    await quiet(shop)
    for (const name of ended) expect(await orderOf(name)).toMatchObject({ desired: 'running' })
  }, 90_000)

  test('a quantity of 0 is still reported a month later', async () => {
    await quiet(shop)
    const order = await orderOf('none')
    expect(await findingsOf(order.id)).toContain('plan_price_mismatch')
  }, 60_000)

  test('the first month is charged back and lost once the second one is paid: reported', async () => {
    const { data } = await api<{ data: { id: string; status: string }[] }>(
      `invoices?subscription=${idOf('clawed')}&limit=10`,
    )
    const opened = shop.stripe.openDispute({ invoice: data.at(-1)?.id ?? '' })
    shop.stripe.moveDispute(opened.id, 'lost')
    await eventually(async () => {
      const { money } = await orderOf('clawed')
      expect(money.payments[0]).toMatchObject({ dispute: 'lost' })
    }, slow)
    await quiet(shop)
    const order = await orderOf('clawed')
    expect(await findingsOf(order.id)).toContain('running_unpaid')
  }, 60_000)

  test('odd request bodies are refused, and none is answered 500', async () => {
    const { id } = await orderOf('none')
    const plan = (changes: object) => ({
      name: 'X',
      amount: 999,
      currency: 'eur',
      interval: 'month',
      ...changes,
    })
    const policy = (changes: object) => plan({ policy: changes })
    const calls: [string, string, string, unknown, string?][] = [
      ['negative grace', 'PUT', '/admin/plans/odd', policy({ grace_days: -1 })],
      ['grace 1e9', 'PUT', '/admin/plans/odd', policy({ grace_days: 1e9 })],
      ['grace "3"', 'PUT', '/admin/plans/odd', policy({ grace_days: '3' })],
      ['grace null', 'PUT', '/admin/plans/odd', policy({ grace_days: null })],
      ['retention 0', 'PUT', '/admin/plans/odd', policy({ retention_days: 0 })],
      ['warn 3650', 'PUT', '/admin/plans/odd', policy({ warn_days: 3650, grace_days: 0, retention_days: 0 })],
      ['policy null', 'PUT', '/admin/plans/odd', plan({ policy: null })],
      ['policy []', 'PUT', '/admin/plans/odd', plan({ policy: [] })],
      ['unknown policy', 'PUT', '/admin/plans/odd', policy({ grace: 3 })],
      ['region not there', 'PUT', '/admin/plans/odd', policy({ when_impossible: ['nowhere'] })],
      ['regions twice', 'PUT', '/admin/plans/odd', policy({ when_impossible: ['eu', 'eu'] })],
      ['amount 0', 'PUT', '/admin/plans/odd', plan({ amount: 0 })],
      ['amount 1.5', 'PUT', '/admin/plans/odd', plan({ amount: 1.5 })],
      ['an unknown currency', 'PUT', '/admin/plans/odd', plan({ currency: 'xxx' })],
      ['price twice in one', 'PUT', '/admin/plans/odd', plan({ stripe_prices: ['price_1', 'price_1'] })],
      ['price elsewhere 1', 'PUT', '/admin/plans/odd', plan({ stripe_prices: ['price_9'] })],
      ['price elsewhere 2', 'PUT', '/admin/plans/odd2', plan({ stripe_prices: ['price_9'] })],
      ['price in other case', 'PUT', '/admin/plans/odd3', plan({ stripe_prices: ['price_A'] })],
      ['price in other case 2', 'PUT', '/admin/plans/odd4', plan({ stripe_prices: ['price_a'] })],
      [
        'currency of a sold plan',
        'PUT',
        '/admin/plans/large',
        { name: 'L', amount: 1_999, currency: 'usd', interval: 'month' },
      ],
      [
        'interval of a sold plan',
        'PUT',
        '/admin/plans/large',
        { name: 'L', amount: 1_999, currency: 'eur', interval: 'year' },
      ],
      ['plan id with a dot', 'PUT', '/admin/plans/..', plan({})],
      ['plan __proto__', 'PUT', '/admin/plans/__proto__', plan({})],
      ['decide not held', 'POST', `/admin/orders/${id}/decide`, {}],
      ['decide null', 'POST', `/admin/orders/${id}/decide`, null],
      ['decide []', 'POST', `/admin/orders/${id}/decide`, []],
      ['decide accept without reason', 'POST', `/admin/orders/${id}/decide`, { accept_amount: true }],
      ['decide accept "yes"', 'POST', `/admin/orders/${id}/decide`, { accept_amount: 'yes', reason: 'x' }],
      ['decide other field', 'POST', `/admin/orders/${id}/decide`, { price: 1 }],
      ['renew goes on', 'POST', `/orders/${id}/renew`, {}],
      ['renew no body', 'POST', `/orders/${id}/renew`, undefined],
      ['renew field', 'POST', `/orders/${id}/renew`, { plan: 'large' }],
      ['renew none', 'POST', '/orders/7d3a9c1e-52b4-5f0e-9a61-0c8e4b7f2d35/renew', {}],
      [
        'set goes on',
        'POST',
        `/admin/orders/${id}/set-subscription`,
        { subscription_id: idOf('none'), reason: 'x' },
      ],
      ['set in_', 'POST', `/admin/orders/${id}/set-subscription`, { subscription_id: 'in_1', reason: 'x' }],
      ['set no reason', 'POST', `/admin/orders/${id}/set-subscription`, { subscription_id: 'sub_1' }],
      [
        'set blank reason',
        'POST',
        `/admin/orders/${id}/set-subscription`,
        { subscription_id: 'sub_1', reason: '   ' },
      ],
      [
        'set unknown',
        'POST',
        `/admin/orders/${id}/set-subscription`,
        { subscription_id: 'sub_unknown', reason: 'x' },
      ],
      ['plan unknown', 'POST', `/orders/${id}/plan`, { plan: 'nope' }],
      ['plan while past due', 'POST', `/orders/${id}/plan`, { plan: 'monthly', when: 'now' }],
      ['cancel later', 'POST', `/orders/${id}/cancel`, { when: 'later' }],
      ['terminate other', 'POST', `/admin/orders/${id}/terminate`, { reason: 'x', subscription: 'maybe' }],
    ]
    const wrong: string[] = []
    for (const [what, method, path, body] of calls) {
      const response = await shop.send('order', method, path, body)
      const text = (await response.text()).slice(0, 160)
      if (response.status >= 500) wrong.push(`${what}: ${response.status} ${text}`)
    }
    expect(wrong).toEqual([])
  }, 90_000)

  async function sells(
    plan: string,
    amount: number,
    stripe_prices: string[] = [],
    policy = {},
  ): Promise<void> {
    await shop.send('order', 'PUT', `/admin/plans/${plan}`, {
      name: plan,
      amount,
      currency: 'eur',
      interval: 'month',
      stripe_prices,
      policy,
    })
    await shop.send('provisioner', 'PUT', `/admin/plan-specs/${plan}`, {
      ...{ ptero_egg_id: 1, environment: {} },
      limits: { memory: 512, swap: 0, disk: 1024, io: 500, cpu: 0 },
    })
  }
  async function move(seconds: number): Promise<void> {
    await shop.stripe.moveClock({ advance_seconds: seconds })
    writeFileSync(clock, String(shop.stripe.now() - Date.now()))
  }
  const idOf = (name: string) => bought[name]?.subscription ?? ''
  const customerOf = (name: string) => bought[name]?.customer ?? ''
  async function orderOf(name: string): Promise<Order> {
    const { data } = (await (
      await shop.send('order', 'GET', `/orders?subscription_id=${idOf(name)}`)
    ).json()) as { data: Order[] }
    const [found] = data
    if (!found) throw new Error(`${name} has no order`)
    return (await (await shop.send('order', 'GET', `/orders/${found.id}`)).json()) as Order
  }
  function becomes(name: string, wanted: Partial<Order>): Promise<Order> {
    return eventually(async () => {
      const order = await orderOf(name)
      expect(order, name).toMatchObject(wanted)
      return order
    }, slow)
  }
  async function findingsOf(orderId: string): Promise<string[]> {
    const { data } = (await (
      await shop.send('order', 'GET', '/admin/differences?limit=100&state=open')
    ).json()) as { data: { kind: string; order_id: string }[] }
    return data.filter(({ order_id }) => order_id === orderId).map(({ kind }) => kind)
  }
  async function api<Thing>(path: string, body?: Record<string, string>, method = 'POST'): Promise<Thing> {
    const { url, secretKey } = shop.stripe
    const response = await fetch(`${url}/v1/${path}`, {
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/x-www-form-urlencoded' },
      ...(body || method !== 'POST' ? { method, body: new URLSearchParams(body).toString() } : {}),
    })
    return (await response.json()) as Thing
  }
})
