import {
  adoptSubscription,
  billingStatement,
  type ChangeSubscription,
  changeSubscription,
  readSubscription,
} from '@spawnpoint/contracts'
import { againAfterRaces } from '@spawnpoint/database'
import { ask, connectNats, derivedId, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

let till: Till
let nats: Nats
let operator: Nats
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start())
  nats = connectNats({
    url: till.nats.urls.order,
    name: 'order',
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  till.own({ [Symbol.asyncDispose]: () => nats.close() })
  const log = createLogger({ service: 'test', level: 'silent' })
  operator = connectNats({ url: till.nats.urls.operator, name: 'operator', log })
  till.own({ [Symbol.asyncDispose]: () => operator.close() })
  await Promise.all([nats.connection(), operator.connection()])
})
afterAll(() => till[Symbol.asyncDispose]())

const orderId = (name: string) => derivedId(name, 'order')
const read = (subscription_id: string) =>
  ask({ nats: operator, contract: readSubscription, request: { subscription_id }, timeoutMs: 20_000 })
const change = (
  subscription_id: string,
  change: ChangeSubscription['change'],
  request_id = derivedId(subscription_id, change.do),
) =>
  ask({
    nats,
    contract: changeSubscription,
    request: { subscription_id, change, request_id },
    timeoutMs: 20_000,
  })

const large: ChangeSubscription['change'] = {
  do: 'change-plan',
  plan: 'large',
  product_name: 'Large',
  price: { amount: 2_500, currency: 'eur' },
  interval: 'month',
  when: 'now',
}

test('a subscription is read as Stripe has it, also when no event of it has come', async () => {
  const { subscriptionId } = await subscribed('read')
  const fault = till.stripe.addWebhookFault({ when: {}, do: { kind: 'ungenerated' } })
  await till.client.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
  till.stripe.removeFaults(fault)
  const { subscription } = await read(subscriptionId)
  expect(subscription).toMatchObject({
    status: 'active',
    plan: 'small',
    paid_until: expect.any(String),
    cancel_at: subscription.current_period_end,
  })
  expect(await known(subscriptionId, { version: subscription.version })).toEqual(subscription)
})

test('an immediate plan change is invoiced at once and published', async () => {
  const { subscriptionId } = await subscribed('now')
  const { subscription } = await change(subscriptionId, large)
  expect(subscription).toMatchObject({
    plan: 'large',
    price: { amount: 2_500, currency: 'eur' },
    status: 'active',
  })
  const { data } = await till.client.invoices.list({ subscription: subscriptionId })
  expect(data.map(({ billing_reason, status }) => [billing_reason, status])).toEqual([
    ['subscription_update', 'paid'],
    ['subscription_create', 'paid'],
  ])
  await eventually(() => known(subscriptionId, { plan: 'large' }))
})

test('asking again changes nothing more, however often and at once', async () => {
  const { subscriptionId } = await subscribed('again')
  await Promise.all([
    change(subscriptionId, large),
    change(subscriptionId, large),
    change(subscriptionId, large),
  ])
  await change(subscriptionId, large)
  await change(subscriptionId, large, 'another-request')
  expect((await till.client.invoices.list({ subscription: subscriptionId })).data).toHaveLength(2)
})

test('a plan that the card does not pay for waits, and the old one stays', async () => {
  const { subscriptionId, customer } = await subscribed('declined')
  till.stripe.setCard(customer, 'declined')
  const { subscription } = await change(subscriptionId, large)
  expect(subscription).toMatchObject({
    plan: 'small',
    note: expect.stringContaining('waits for its payment'),
  })
  till.stripe.setCard(customer, 'works')
})

test('another plan from the next period on costs nothing now', async () => {
  const { subscriptionId } = await subscribed('later')
  await change(subscriptionId, { ...large, when: 'period_end' })
  expect((await till.client.invoices.list({ subscription: subscriptionId })).data).toHaveLength(1)
})

test('the same plan has one price at Stripe for all subscriptions', async () => {
  const product = await till.client.products.create({ name: 'Any' })
  expect(product.id).toBeTruthy()
  const prices = (await till.client.prices.list({ limit: 100 })).data.filter(
    ({ metadata }) => metadata.plan === 'large',
  )
  const terms = prices.map((price) => `${String(price.product)} ${price.unit_amount}`)
  expect(prices.length).toBeGreaterThan(0)
  expect(new Set(terms).size).toBe(terms.length)
})

test('it is cancelled at the end of its period, resumed, and cancelled now', async () => {
  const { subscriptionId } = await subscribed('cancel')
  const later = await change(subscriptionId, { do: 'cancel', when: 'period_end' })
  expect(later.subscription).toMatchObject({
    status: 'active',
    cancel_at: later.subscription.current_period_end,
  })
  expect((await change(subscriptionId, { do: 'keep' })).subscription).toMatchObject({ cancel_at: null })
  const now = await change(subscriptionId, { do: 'cancel', when: 'now' }, 'now')
  expect(now.subscription).toMatchObject({ status: 'canceled', ended_at: expect.any(String) })
  const again = await change(subscriptionId, { do: 'cancel', when: 'now' }, 'now')
  expect({ ...again.subscription, version: 0 }).toEqual({ ...now.subscription, version: 0 })
  await expect(change(subscriptionId, { do: 'keep' }, 'too late')).rejects.toMatchObject({
    code: 'subscription_over',
  })
  await expect(change(subscriptionId, large, 'too late 2')).rejects.toMatchObject({
    code: 'subscription_over',
  })
  await eventually(() => known(subscriptionId, { status: 'canceled' }))
})

test('a subscription that Stripe or this shop does not have is refused by name', async () => {
  await expect(read('sub_nobody')).rejects.toMatchObject({ code: 'subscription_unknown' })
  const elsewhere = till.stripe.sellElsewhere({ mode: 'subscription' })
  await expect(read(String(elsewhere.subscription))).rejects.toMatchObject({ code: 'subscription_not_ours' })
})

test('a subscription without our metadata becomes that of an order, with its invoices, and stays so', async () => {
  const { subscription: sold } = till.stripe.sellByLink({ email: 'moved@example.com' })
  const subscription_id = sold?.id ?? ''
  const adopt = (order_id: string) =>
    ask({ nats, contract: adoptSubscription, request: { subscription_id, order_id }, timeoutMs: 20_000 })
  await expect(read(subscription_id)).rejects.toMatchObject({ code: 'subscription_not_ours' })
  const order_id = orderId('moved')
  const adopted = await adopt(order_id)
  expect(adopted).toMatchObject({
    subscription: { order_id, status: 'active', paid_until: expect.any(String) },
    payments: [{ kind: 'first', status: 'succeeded', order_id, subscription_id }],
  })
  expect((await adopt(order_id)).subscription).toEqual(adopted.subscription)
  await expect(adopt(orderId('another'))).rejects.toMatchObject({ code: 'subscription_of_another_order' })
  expect(await till.client.subscriptions.retrieve(subscription_id)).toMatchObject({ metadata: { order_id } })
})

test('a statement of what changed lately leaves out what did not', async () => {
  const { subscriptionId } = await subscribed('lately')
  const state = async (since: Date) => {
    const request = { after: '', since: since.toISOString() }
    const [payments, subscriptions] = await Promise.all(
      (['payments', 'subscriptions'] as const).map((of) =>
        ask({ nats, contract: billingStatement, request: { of, ...request }, timeoutMs: 20_000 }),
      ),
    )
    return [...(payments?.payments ?? []), ...(subscriptions?.subscriptions ?? [])].map(
      ({ subscription_id }) => subscription_id,
    )
  }
  await againAfterRaces(
    () =>
      till.prisma
        .$executeRaw`UPDATE payment SET updated_at = '2026-01-01' WHERE subscription_id = ${subscriptionId}`,
  )
  await againAfterRaces(
    () =>
      till.prisma.$executeRaw`UPDATE subscription SET updated_at = '2026-01-01' WHERE id = ${subscriptionId}`,
  )
  expect(await state(new Date('2025-12-31'))).toEqual(
    expect.arrayContaining([subscriptionId, subscriptionId]),
  )
  expect(await state(new Date('2026-01-02'))).not.toContain(subscriptionId)
})

test('while Stripe is unavailable the reply is a refusal and nothing else', async () => {
  const { subscriptionId } = await subscribed('away')
  const fault = till.stripe.addApiFault({
    when: { path: '/subscriptions' },
    do: { kind: 'status', status: 503 },
  })
  await expect(read(subscriptionId)).rejects.toMatchObject({ code: 'stripe_unavailable' })
  await expect(change(subscriptionId, { do: 'cancel', when: 'now' })).rejects.toMatchObject({
    code: 'stripe_unavailable',
  })
  till.stripe.removeFaults(fault)
})

test('a change whose answer is lost is found done when it is asked for again', async () => {
  const { subscriptionId } = await subscribed('lost')
  till.stripe.addApiFault({
    when: { method: 'POST', path: '/subscriptions/', times: 3 },
    do: { kind: 'lost-response' },
  })
  await change(subscriptionId, large).catch(() => {})
  till.stripe.removeFaults()
  expect((await change(subscriptionId, large)).subscription).toMatchObject({ plan: 'large' })
  expect((await till.client.invoices.list({ subscription: subscriptionId })).data).toHaveLength(2)
})

async function subscribed(name: string) {
  const sold = await till.subscribeAtStripe(orderId(name))
  await eventually(async () => {
    await known(sold.subscriptionId, { status: 'active', paid_until: expect.any(String) })
  })
  return sold
}

async function known(id: string, state: object): Promise<unknown> {
  return await eventually(async () => {
    const row = await till.prisma.subscription.findUniqueOrThrow({ where: { id } })
    const subscription: unknown = JSON.parse(row.state)
    expect(subscription).toMatchObject(state)
    return subscription
  })
}
