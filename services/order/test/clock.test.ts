import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './open-shop.ts'
import { inDays, subscribe } from './subscriber.ts'

let shop: Shop

const policy = { grace_days: 3, warn_days: 0.5, retention_days: 1 }
const warned = { desired: 'running', money: { warning: { step: 'suspend' } } }
const announced = { desired: 'suspended', money: { warning: { step: 'terminate' } } }

beforeAll(async () => {
  shop = await openShop({ TIME_SCALE: '0.02' })
  await shop.startReplica()
  const plan = { name: 'Monthly', amount: 999, currency: 'eur', interval: 'month' }
  await shop.send('PUT', '/admin/plans/monthly', { ...plan, policy })
  await shop.send('PUT', '/admin/plans/patient', {
    ...plan,
    policy: { ...policy, retention_days: 7 },
  })
}, 60_000)

afterEach(() => shop?.gateway.answerAgain())
afterAll(() => shop?.[Symbol.asyncDispose]())

const tomorrow = () => inDays(1)

/** Of who is paid until tomorrow and is known not to have paid on. */
async function untilSuspended(a: Awaited<ReturnType<typeof subscribe>>): Promise<void> {
  await a.passes(3.75)
  await a.becomes(warned)
  await a.passes(0.5)
  await a.becomes({ desired: 'suspended' })
}

test('who pays no more is warned, suspended, warned again and ended, each once, however many replicas look', async () => {
  const a = await subscribe(shop, 'sub_road', { paidUntil: tomorrow() })
  await a.pays('in_declined', { status: 'failed', failure: 'Card declined', paid_until: inDays(30) })
  await a.publishes({ status: 'past_due' })
  await a.becomes({ money: { subscription_status: 'past_due' } })
  await untilSuspended(a)
  await a.becomes(announced)
  await a.passes(1)
  await a.becomes({ desired: 'terminated' })
  const { history } = await a.read()
  const steps = (await a.said()).filter((type) => type !== 'order.changed')
  expect(steps).toEqual(['order.paid', 'order.warned', 'order.suspended', 'order.warned', 'order.ended'])
  expect(history.map(({ note }) => note)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^To be suspended at .* is not paid\.$/),
      expect.stringMatching(/^Suspended: Its renewal of/),
      expect.stringMatching(/^To be terminated at/),
      expect.stringMatching(/^Ended: Its renewal of/),
    ]),
  )
  // Nobody is to pay on for what is gone.
  await a.becomes({ money: { subscription_status: 'canceled' } })
})

test('a payment at any time before the end brings everything back', async () => {
  const a = await subscribe(shop, 'sub_back', { plan: 'patient', paidUntil: tomorrow() })
  await a.publishes({ status: 'past_due' })
  await a.becomes({ money: { subscription_status: 'past_due' } })
  await untilSuspended(a)
  await a.serverIs('suspended', 2)
  await a.pays('in_back', { paid_until: inDays(30) })
  await a.publishes({ status: 'active', paid_until: inDays(30) })
  await a.becomes({
    desired: 'running',
    billing_status: 'paid',
    money: { warning: null, suspended_at: null },
  })
  expect(await a.said()).toContain('order.resumed')
})

test('an unreported renewal suspends nobody: once Stripe reports no failure either, it becomes a finding', async () => {
  const a = await subscribe(shop, 'sub_silent', { plan: 'patient', paidUntil: tomorrow() })
  await a.passes(1.5)
  await a.becomes({ money: { findings: [{ kind: 'running_unpaid', about: 'sub_silent' }] } })
  expect(shop.gateway.asked).toContain('sub_silent')
  expect(await a.read()).toMatchObject({ desired: 'running', billing_status: 'paid' })
  const { data } = (await (await shop.send('GET', '/admin/differences?state=open')).json()) as {
    data: unknown[]
  }
  expect(data).toContainEqual(expect.objectContaining({ kind: 'running_unpaid', order_id: a.id }))
  await eventually(async () => {
    const health = await (await shop.send('GET', '/health')).json()
    expect(health).toMatchObject({ discrepancies: { running_unpaid: expect.any(Number) } })
  })
})

test('a failed renewal whose event was missed is found by a lookup, and suspends after the grace', async () => {
  const a = await subscribe(shop, 'sub_untold', { plan: 'patient', paidUntil: tomorrow() })
  a.changesAtStripe({ status: 'past_due' })
  await a.passes(1.5)
  await a.becomes({ desired: 'running', billing_status: 'past_due' })
  await a.passes(2.25)
  await a.becomes(warned)
  await a.passes(0.5)
  await a.becomes({ desired: 'suspended', billing_status: 'past_due' })
  expect(await a.said()).toContain('order.warned')
})

test('a payment whose event was missed is found by a lookup: nothing is published, and nothing suspended', async () => {
  const a = await subscribe(shop, 'sub_unheard', { plan: 'patient', paidUntil: tomorrow() })
  a.changesAtStripe({ paid_until: inDays(30), current_period_end: inDays(30) })
  await a.passes(1.5)
  await a.becomes({ money: { paid_until: a.state().paid_until } })
  expect(await a.read()).toMatchObject({ desired: 'running', billing_status: 'paid' })
  const said = await a.said()
  expect(said).not.toContain('order.warned')
  expect(said).not.toContain('order.suspended')
})

test('while the gateway does not answer nobody is suspended; once it is back, they are', async () => {
  const a = await subscribe(shop, 'sub_deaf', { plan: 'patient', paidUntil: tomorrow() })
  a.changesAtStripe({ status: 'past_due' })
  shop.gateway.stopAnswering()
  await a.passes(4.25)
  await eventually(async () => {
    const health = await (await shop.send('GET', '/health')).json()
    expect(health).toMatchObject({ status: 'degraded', failing: { subscriptions: expect.any(String) } })
  })
  expect(await a.read()).toMatchObject({ desired: 'running', billing_status: 'paid' })
  expect(await a.said()).not.toContain('order.warned')
  shop.gateway.answerAgain()
  await a.becomes({ desired: 'suspended', billing_status: 'past_due' })
})

test('a subscription that is to end warns before, and what it leaves is deleted after the retention', async () => {
  const a = await subscribe(shop, 'sub_ends', { paidUntil: inDays(0.25) })
  await a.publishes({ cancel_at: a.state().paid_until })
  await a.becomes({ money: { warning: { step: 'suspend', reason: 'Its subscription ends then.' } } })
  await a.publishes({ cancel_at: null })
  await a.becomes({ money: { warning: null, cancel_at: null } })
  await a.publishes({ status: 'canceled', ended_at: inDays(0) })
  await a.becomes({ desired: 'suspended', billing_status: 'ended' })
  await a.passes(1)
  await a.becomes({ desired: 'suspended', money: { warning: { step: 'terminate' } } })
  await a.passes(1)
  await a.becomes({ desired: 'terminated', billing_status: 'ended' })
})

test('what went back in full is deleted after the retention', async () => {
  const a = await subscribe(shop, 'sub_refunded')
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 2, refunded: 999 })
  await a.becomes({ ...announced, billing_status: 'refunded' })
  await a.passes(1)
  await a.becomes({ desired: 'terminated', billing_status: 'refunded' })
  await shop.publishPaymentEvent('payment.refunded', { ...a.first, version: 3, refunded: 0 })
  await eventually(async () => {
    expect(await shop.prisma.deadLetter.findMany({ where: { class: 'paid_after_end' } })).toMatchObject([
      { lastError: expect.stringContaining('A refund of sub_refunded (9.99 EUR) failed') },
    ])
  })
})

test('a dispute that is lost suspends, and after a warning and the retention ends the order and its subscription', async () => {
  const a = await subscribe(shop, 'sub_lost')
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 2, dispute: 'open' })
  await a.becomes({ desired: 'suspended' })
  await shop.publishPaymentEvent('payment.disputed', { ...a.first, version: 3, dispute: 'lost' })
  await a.becomes({ ...announced, billing_status: 'disputed' })
  await a.passes(1)
  await a.becomes({ billing_status: 'disputed', desired: 'terminated' })
  expect(await a.said()).toEqual(expect.arrayContaining(['order.suspended', 'order.warned', 'order.ended']))
  await a.serverIs('terminated', 2)
  await a.becomes({ status: 'terminated', money: { subscription_status: 'canceled' } })
  expect(shop.gateway.changes).toContainEqual(
    expect.objectContaining({ subscription_id: 'sub_lost', change: { do: 'cancel', when: 'now' } }),
  )
  await a.pays('in_after', { paid_until: inDays(60) })
  await eventually(async () => {
    expect(await shop.prisma.deadLetter.findMany({ where: { class: 'paid_after_end' } })).toContainEqual(
      expect.objectContaining({ lastError: expect.stringContaining('in_after after it had ended') }),
    )
  })
  await a.becomes({ desired: 'terminated', status: 'terminated' })
})

test('a subscription that Stripe does not have holds up nobody else', async () => {
  const lost = await Promise.all(
    ['sub_lost_a', 'sub_lost_b', 'sub_lost_c'].map((id) =>
      subscribe(shop, id, { plan: 'patient', paidUntil: tomorrow() }),
    ),
  )
  shop.gateway.stopAnswering()
  for (const one of lost) await one.passes(1.5)
  shop.gateway.loses('sub_lost_a', 'sub_lost_b', 'sub_lost_c')
  shop.gateway.answerAgain()
  const others = await Promise.all(
    ['sub_other_a', 'sub_other_b', 'sub_other_c'].map((id) =>
      subscribe(shop, id, { plan: 'patient', paidUntil: tomorrow() }),
    ),
  )
  for (const other of others) other.changesAtStripe({ status: 'past_due' })
  for (const other of others) await other.passes(1.5)
  for (const other of others) await other.becomes({ desired: 'running', billing_status: 'past_due' })
  for (const other of others) await other.passes(2.25)
  for (const other of others) await other.becomes(warned)
  for (const other of others) await other.passes(0.5)
  for (const other of others) await other.becomes({ desired: 'suspended', billing_status: 'past_due' })
  for (const one of lost) expect(await one.read()).toMatchObject({ desired: 'running' })
  await eventually(async () => {
    const health = await (await shop.send('GET', '/health')).json()
    expect(health).toMatchObject({
      status: 'degraded',
      failing: { subscriptions: expect.stringContaining('does not show the subscriptions of') },
    })
  })
})
