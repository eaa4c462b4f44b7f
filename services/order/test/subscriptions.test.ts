import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { payment, subscription } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'
import { inDays, subscribe } from './subscriber.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  const plan = { currency: 'eur', interval: 'month' }
  await shop.send('PUT', '/admin/plans/monthly', { name: 'Monthly', amount: 999, ...plan })
  await shop.send('PUT', '/admin/plans/large', { name: 'Large', amount: 1999, ...plan })
  await shop.send('PUT', '/admin/plans/huge', { name: 'Huge', amount: 9999, ...plan })
  await shop.send('PUT', '/admin/plans/yearly', { name: 'Yearly', amount: 9999, ...plan, interval: 'year' })
  await shop.send('PUT', '/admin/plans/dollars', { name: 'Other', amount: 1999, ...plan, currency: 'usd' })
}, 60_000)

afterEach(() => {
  shop.gateway.refuse(null)
  shop.capacity.freeCapacity()
})
afterAll(() => shop?.[Symbol.asyncDispose]())

test('a plan that is changed now changes once its subscription does, and the event names both plans', async () => {
  const a = await subscribe(shop, 'sub_now')
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({
    status: 200,
    body: { plan: 'large' },
  })
  expect(changesOf('sub_now')).toMatchObject([
    {
      change: { do: 'change-plan', plan: 'large', price: { amount: 1999, currency: 'eur' }, when: 'now' },
    },
  ])
  expect((await a.lastSaid('order.changed')).data).toMatchObject({
    plan: 'large',
    previous_plan: 'monthly',
    price: { amount: 1999 },
  })
  await shop.publishSubscription({ ...a.state(), plan: 'large', version: 2 })
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({ status: 200 })
  expect(changesOf('sub_now')).toHaveLength(1)
})

test('a plan that is changed with the next period changes once that is paid, in either order of its words', async () => {
  const until = inDays(60)
  for (const order of ['payment first', 'subscription first']) {
    const a = await subscribe(shop, `sub_${order.slice(0, 3)}`, { plan: 'large', amount: 1999 })
    const answer = await ask('POST', a.id, 'plan', { plan: 'monthly', when: 'period_end' })
    expect(answer).toMatchObject({ status: 200, body: { plan: 'large', money: { next_plan: 'monthly' } } })
    const pays = () => a.pays(`in_${order.slice(0, 3)}`, { paid_until: until })
    const says = () =>
      shop.publishSubscription({ ...a.state(), plan: 'monthly', paid_until: until, version: 3 })
    for (const word of order === 'payment first' ? [pays, says] : [says, pays]) await word()
    await a.becomes({ plan: 'monthly', amount: 999, money: { next_plan: null, paid_until: until } })
  }
})

test('a change that waits for the next period is undone free of charge, and no other is prorated from an unpaid price', async () => {
  const a = await subscribe(shop, 'sub_back_and_forth')
  await ask('POST', a.id, 'plan', { plan: 'huge', when: 'period_end' })
  await a.becomes({ plan: 'monthly', money: { next_plan: 'huge' } })
  // Stripe would give back what is left of the huge one, which was never paid for.
  expect(await ask('POST', a.id, 'plan', { plan: 'large', when: 'now' })).toMatchObject({
    status: 409,
    body: { code: 'change_waits', detail: expect.stringContaining('monthly') },
  })
  expect(await ask('POST', a.id, 'plan', { plan: 'monthly', when: 'now' })).toMatchObject({
    status: 200,
    body: { plan: 'monthly', money: { next_plan: null } },
  })
  expect(changesOf('sub_back_and_forth')).toMatchObject([
    { change: { plan: 'huge', when: 'period_end' } },
    { change: { plan: 'monthly', when: 'period_end' } },
  ])
})

test('from months to years is now or not at all: Stripe would charge at once, and count nothing of what is paid', async () => {
  const a = await subscribe(shop, 'sub_years')
  expect(await ask('POST', a.id, 'plan', { plan: 'yearly', when: 'period_end' })).toMatchObject({
    status: 409,
    body: { code: 'other_interval', detail: expect.stringContaining('now') },
  })
  expect(changesOf('sub_years')).toEqual([])
  expect(await a.read()).toMatchObject({ plan: 'monthly', money: { next_plan: null } })
  expect(await ask('POST', a.id, 'plan', { plan: 'yearly', when: 'now' })).toMatchObject({
    status: 200,
    body: { plan: 'yearly' },
  })
})

test('the subscription of an order that never had a server is cancelled at Stripe only when the seller says so', async () => {
  const subscription_id = 'sub_unsaid'
  shop.gateway.has(subscription({ subscription_id, order_id: null, plan: 'monthly' }))
  await shop.publishPayment(
    payment({
      payment_id: subscription_id,
      subscription_id,
      plan: 'monthly',
      region: 'eu',
      paid_until: inDays(30),
    }),
  )
  const { id } = await shop.orderPaidBy(subscription_id)
  const refused = await shop.send('POST', `/admin/orders/${id}/terminate`, { reason: 'Abuse' })
  expect(await refused.json()).toMatchObject({
    code: 'subscription_undecided',
    detail: expect.stringContaining('subscription sub_unsaid may belong to another product'),
  })
  await shop.send('POST', `/admin/orders/${id}/terminate`, { reason: 'Abuse', subscription: 'cancel' })
  await eventually(async () =>
    expect(changesOf(subscription_id)).toMatchObject([{ change: { do: 'cancel' } }]),
  )
  await eventually(async () => {
    const order = await shop.prisma.order.findUniqueOrThrow({ where: { id } })
    expect(order).toMatchObject({ desired: 'terminated', moneyDueAt: null })
  })
})

test('a preview says what may go wrong, and changes nothing', async () => {
  const a = await subscribe(shop, 'sub_preview')
  const expected = { status: 200, body: { plan: 'monthly', warnings: ['The disk shrinks.'] } }
  expect(await ask('POST', a.id, 'plan', { plan: 'large', preview: true })).toMatchObject(expected)
  expect(changesOf('sub_preview')).toEqual([])
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({
    status: 200,
    body: { plan: 'large', warnings: ['The disk shrinks.'] },
  })
})

test('a plan of another game is refused until its customer agrees that the server is reinstalled', async () => {
  const a = await subscribe(shop, 'sub_game')
  shop.capacity.sellOtherGames()
  try {
    expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({
      status: 409,
      body: {
        code: 'reinstall_needed',
        detail: expect.stringMatching(/nothing was charged.*files may be lost/),
      },
    })
    expect(changesOf('sub_game')).toEqual([])
    expect(await ask('POST', a.id, 'plan', { plan: 'large', reinstall: true })).toMatchObject({
      status: 200,
      body: { plan: 'large' },
    })
  } finally {
    shop.capacity.freeCapacity()
  }
  const published = await shop.prisma.outbox.findMany({ where: { key: a.id }, orderBy: { seq: 'asc' } })
  expect(JSON.parse(published.at(-1)?.envelope ?? '{}').data).toMatchObject({
    plan: 'large',
    delivery: { reinstall_for: 'large' },
  })
  // It was agreed to for that plan alone.
  await ask('POST', a.id, 'plan', { plan: 'huge' })
  expect((await shop.prisma.order.findUniqueOrThrow({ where: { id: a.id } })).delivery).toContain(
    '"reinstall_for":null',
  )
})

test('a change that the provisioner refuses moves no money', async () => {
  const a = await subscribe(shop, 'sub_full')
  shop.capacity.exhaustCapacity()
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({
    status: 409,
    body: { code: 'no_capacity', detail: expect.stringContaining('nothing was charged') },
  })
  expect(changesOf('sub_full')).toEqual([])
  expect(await a.read()).toMatchObject({ plan: 'monthly' })
})

test('a change that Stripe refuses leaves everything as it was; without an answer the shop retries', async () => {
  const a = await subscribe(shop, 'sub_refused')
  shop.gateway.refuse('stripe_refused')
  expect(await ask('POST', a.id, 'plan', { plan: 'large', when: 'period_end' })).toMatchObject({
    status: 409,
    body: { code: 'stripe_refused' },
  })
  expect(await a.read()).toMatchObject({ plan: 'monthly', money: { next_plan: null } })
  shop.gateway.refuse('stripe_unavailable')
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({ status: 503 })
  shop.gateway.refuse(null)
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({ body: { plan: 'large' } })
})

test('a subscription ends with its period, goes on after all, or ends now', async () => {
  const a = await subscribe(shop, 'sub_cancel')
  const end = a.state().current_period_end
  for (let again = 0; again < 2; again += 1)
    expect(await ask('POST', a.id, 'cancel', {})).toMatchObject({
      status: 200,
      body: { desired: 'running', money: { cancel_at: end } },
    })
  expect(changesOf('sub_cancel')).toHaveLength(1)
  expect(await ask('DELETE', a.id, 'cancel')).toMatchObject({
    status: 200,
    body: { money: { cancel_at: null } },
  })
  expect(await ask('POST', a.id, 'cancel', { when: 'now' })).toMatchObject({
    status: 200,
    body: { billing_status: 'ended', desired: 'suspended' },
  })
  expect(await ask('DELETE', a.id, 'cancel')).toMatchObject({
    status: 409,
    body: { code: 'subscription_over' },
  })
})

test('an order that is paid once has no period to end with, and the answer says what to do', async () => {
  await shop.publishPayment(payment({ payment_id: 'cs_once', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_once')
  for (const [what, body] of [
    ['cancel', { when: 'period_end' }],
    ['plan', { plan: 'large' }],
  ] as const)
    expect(await ask('POST', id, what, body)).toMatchObject({
      status: 409,
      body: { code: 'order_without_subscription', detail: expect.stringContaining(`/admin/orders/${id}/`) },
    })
  expect(await ask('POST', id, 'cancel', { when: 'now' })).toMatchObject({ body: { desired: 'terminated' } })
})

test('plans that do not fit are refused by name', async () => {
  const a = await subscribe(shop, 'sub_plans')
  for (const [plan, code] of [
    ['none', 'unknown_plan'],
    ['small', 'plan_paid_once'],
    ['dollars', 'other_currency'],
  ])
    expect(await ask('POST', a.id, 'plan', { plan })).toMatchObject({ status: 409, body: { code } })
  await a.publishes({ status: 'unpaid' })
  await a.becomes({ billing_status: 'past_due' })
  expect(await ask('POST', a.id, 'plan', { plan: 'large' })).toMatchObject({
    body: { code: 'order_not_paid' },
  })
})

test('orders are found by billing status and by subscription', async () => {
  const a = await subscribe(shop, 'sub_late')
  await subscribe(shop, 'sub_fine')
  await a.publishes({ status: 'unpaid' })
  await a.becomes({ billing_status: 'past_due' })
  for (const query of ['billing_status=past_due&limit=1', 'subscription_id=sub_late'])
    expect(await (await shop.send('GET', `/orders?${query}`)).json()).toMatchObject({ data: [{ id: a.id }] })
})

function changesOf(id: string) {
  return shop.gateway.changes.filter(({ subscription_id }) => subscription_id === id)
}

async function ask(method: string, id: string, what: string, body?: object) {
  const response = await shop.send(method, `/orders/${id}/${what}`, body)
  return { status: response.status, body: await response.json() }
}
