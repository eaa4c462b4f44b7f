import { type CreateCheckout, createCheckout } from '@spawnpoint/contracts'
import { answerRequests, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment, subscription } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'
import { inDays, subscribe } from './subscriber.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const asked: CreateCheckout[] = []
let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  const nats = connectNats({ url: shop.nats.url, name: 'checkouts', log })
  answerRequests({ nats, contract: createCheckout, handle: page, log })
  await (await nats.connection()).flush()
  const plan = { currency: 'eur', interval: 'month' }
  await shop.send('PUT', '/admin/plans/monthly', { name: 'Monthly', amount: 999, ...plan })
  await shop.send('PUT', '/admin/plans/dearer', { name: 'Dearer', amount: 999, ...plan })
  return () => nats.close()
}, 60_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

test('a customer who comes back pays for the same order by a new subscription, and nothing is paid twice', async () => {
  const a = await ended('sub_back')
  const { status, body } = await renew(a.id)
  expect({ status, body }).toEqual({
    status: 200,
    body: { id: a.id, checkout_url: expect.stringContaining('https://pay.example.com/') },
  })
  expect(await renew(a.id)).toMatchObject({ body })
  expect(asked.at(-1)).toMatchObject({
    order_id: a.id,
    renews: 'sub_back',
    price: { amount: 999, currency: 'eur' },
    interval: 'month',
    metadata: { order_id: a.id, plan: 'monthly', region: 'eu' },
  })
  await paysBy('sub_back_2', a.id)
  await a.becomes({
    ...{ billing_status: 'paid', desired: 'running' },
    money: { subscription_id: 'sub_back_2', subscription_status: 'active' },
  })
  // Late news of the old one changes nothing.
  const before = await shop.prisma.inbox.count()
  await shop.publishSubscription({ ...a.state(), version: 9, note: 'late' })
  await eventually(async () => expect(await shop.prisma.inbox.count()).toBe(before + 1))
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { subscription_id: 'sub_back_2' } })
  expect(await shop.prisma.deadLetter.count()).toBe(0)
  expect(await a.said()).toContain('order.resumed')
  expect((await renew(a.id)).body).toMatchObject({ code: 'subscription_goes_on' })
})

test('a subscription that goes on at Stripe is not paid a second time; one whose end was missed is renewed', async () => {
  const a = await subscribe(shop, 'sub_on')
  const refused = await renew(a.id)
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'subscription_goes_on', detail: expect.stringContaining('sub_on') },
  })
  a.changesAtStripe({ status: 'canceled', ended_at: new Date().toISOString() })
  expect(await renew(a.id)).toMatchObject({ status: 200 })
  await a.becomes({ billing_status: 'ended', desired: 'suspended' })
})

test('an order whose subscription is unknown at Stripe is billed by the new one once that is paid', async () => {
  const a = await subscribe(shop, 'sub_moved')
  shop.gateway.loses('sub_moved')
  expect(await renew(a.id)).toMatchObject({ status: 200 })
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { subscription_id: 'sub_moved' } })
  await paysBy('sub_moved_2', a.id)
  await a.becomes({ billing_status: 'paid', desired: 'running', money: { subscription_id: 'sub_moved_2' } })
  expect(await shop.prisma.deadLetter.count()).toBe(0)
})

test('while Stripe does not answer, nothing is offered', async () => {
  const a = await subscribe(shop, 'sub_silent')
  shop.gateway.stopAnswering()
  expect(await renew(a.id)).toMatchObject({ status: 503, body: { code: 'stripe_unavailable' } })
  shop.gateway.answerAgain()
})

test('the price of today is what the renewal costs, and what it is compared with once it is paid', async () => {
  const a = await ended('sub_dearer', 'dearer')
  const plan = { name: 'Dearer', amount: 1_499, currency: 'eur', interval: 'month' }
  await shop.send('PUT', '/admin/plans/dearer', plan)
  expect(await renew(a.id)).toMatchObject({ status: 200 })
  expect(asked.at(-1)).toMatchObject({ price: { amount: 1_499 } })
  // The page may stay unused, and the open invoice of before be paid instead.
  await a.becomes({ amount: 999, billing_status: 'ended' })
  await paysBy('sub_dearer_2', a.id, { amount: 1_499, plan: 'dearer' })
  await a.becomes({ billing_status: 'paid', desired: 'running', amount: 1_499 })
})

test('what cannot be renewed is refused with what to do instead', async () => {
  const over = await ended('sub_gone')
  await shop.send('POST', `/admin/orders/${over.id}/terminate`, { reason: 'Done' })
  expect((await renew(over.id)).body).toMatchObject({
    code: 'order_terminated',
    detail: expect.stringContaining('place a new order'),
  })
  await shop.publishPayment(payment({ payment_id: 'cs_once', plan: 'small', region: 'eu' }))
  const { id } = await shop.orderPaidBy('cs_once')
  expect(await renew(id)).toMatchObject({ status: 409, body: { code: 'order_paid_once' } })
  const stopped = await ended('sub_stopped')
  await shop.send('POST', `/admin/orders/${stopped.id}/suspend`, { reason: 'Abuse' })
  expect((await renew(stopped.id)).body).toMatchObject({ code: 'order_suspended' })
})

test('a renewal that is paid after the server is gone is reported', async () => {
  const a = await ended('sub_too_late')
  await renew(a.id)
  await shop.send('POST', `/admin/orders/${a.id}/terminate`, { reason: 'Done' })
  await paysBy('sub_too_late_2', a.id)
  await eventually(async () => {
    const letters = await shop.prisma.deadLetter.findMany({ where: { class: 'paid_after_end' } })
    expect(letters).toHaveLength(1)
  })
  await a.becomes({ desired: 'terminated' })
})

test('an operator sets the subscription that pays for an order once its own is unknown at Stripe, and not before', async () => {
  const a = await subscribe(shop, 'sub_old_account')
  const paid_until = inDays(20)
  const other = { subscription_id: 'sub_new_account', order_id: null, plan: 'monthly' }
  shop.gateway.has(subscription({ ...other, paid_until, current_period_end: paid_until }))
  const set = async (subscription_id: string) => {
    const body = { subscription_id, reason: 'Moved to another account' }
    const response = await shop.send('POST', `/admin/orders/${a.id}/set-subscription`, body)
    return { status: response.status, body: await response.json() }
  }
  expect(await set('sub_new_account')).toMatchObject({ status: 409, body: { code: 'subscription_goes_on' } })
  shop.gateway.loses('sub_old_account')
  expect(await set('sub_nowhere')).toMatchObject({ status: 409, body: { code: 'subscription_unknown' } })
  await a.becomes({ money: { subscription_id: 'sub_old_account' } })
  for (let again = 0; again < 2; again += 1)
    expect(await set('sub_new_account')).toMatchObject({
      status: 200,
      body: { billing_status: 'paid', desired: 'running', money: { subscription_id: 'sub_new_account' } },
    })
  const { history } = await a.read()
  expect(history.filter(({ note }) => note?.includes('Moved to another account'))).toHaveLength(1)
  await shop.publishPayment(
    payment({
      ...{
        payment_id: 'in_new_account',
        kind: 'renewal',
        subscription_id: 'sub_new_account',
        order_id: a.id,
      },
      paid_until: inDays(50),
    }),
  )
  await eventually(async () => {
    const { money } = await a.read()
    expect(Date.parse(money.paid_until ?? '')).toBeGreaterThan(Date.parse(inDays(49)))
  })
  expect(await shop.prisma.deadLetter.count({ where: { class: 'paid_twice' } })).toBe(0)
})

async function page({ order_id, renews, ...request }: CreateCheckout) {
  asked.push({ order_id, ...(renews ? { renews } : {}), ...request })
  return {
    checkout_session_id: `cs_${order_id}`,
    checkout_url: `https://pay.example.com/${order_id}`,
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  }
}

/** A subscriber who has cancelled, and whose server is suspended. */
async function ended(id: string, plan = 'monthly') {
  const a = await subscribe(shop, id, { plan })
  await a.publishes({ status: 'canceled', ended_at: new Date().toISOString() })
  await a.becomes({ billing_status: 'ended', desired: 'suspended' })
  return a
}

async function paysBy(subscription_id: string, order_id: string, { amount = 999, plan = 'monthly' } = {}) {
  const paid_until = inDays(30)
  const about = { subscription_id, order_id }
  await shop.publishPayment(
    payment({ ...about, payment_id: subscription_id, paid: { amount, currency: 'eur' }, paid_until }),
  )
  const state = subscription({ ...about, plan, paid_until, current_period_end: paid_until })
  shop.gateway.has(state)
  await shop.publishSubscription(state)
}

async function renew(id: string) {
  const response = await shop.send('POST', `/orders/${id}/renew`, {})
  return { status: response.status, body: await response.json() }
}
