import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { expect, test, vi } from 'vitest'
import { handledEventTypes } from '../src/stripe/parse/parse-event.ts'
import { openTill, type Till } from './open-till.ts'

vi.setConfig({ testTimeout: 120_000 })

const dayS = 86_400
const orderId = (name: string) => derivedId(name, 'order')

test('what happened while the webhook was down for five days is known after one backfill', async () => {
  await using till = await openTill()
  const before = till.own(await till.start())
  await till.sell(orderId('before'))
  await till.backfill()
  await before[Symbol.asyncDispose]()

  const sold = await till.payAtStripe(orderId('first-day'))
  const subscribed = await till.subscribeAtStripe(orderId('first-day-too'))
  await till.stripe.moveClock({ advance_seconds: 5 * dayS })
  const refunded = await till.payAtStripe(orderId('fifth-day'))
  await till.client.refunds.create({ payment_intent: refunded.payment_intent })
  await givenUp(till)

  await using _gateway = await till.start()
  expect(await till.prisma.payment.count()).toBe(1)
  const { report, error } = await till.backfill()
  expect(error).toBeNull()
  expect(report.events?.missing).toBeGreaterThanOrEqual(8)
  await eventually(async () => {
    expect(await stateOf(till, sold.paymentId)).toMatchObject({ status: 'succeeded' })
    expect(await stateOf(till, subscribed.subscriptionId)).toMatchObject({ status: 'succeeded' })
    expect(await stateOf(till, refunded.paymentId)).toMatchObject({ refunded: 1_000 })
  })
  expect(await eventsMissing(till)).toEqual([])
})

test('a second comparison finds nothing, and the health shows when the last one was', async () => {
  await using till = await openTill()
  await using _gateway = await till.start()
  await till.sell(orderId('once'))
  await till.backfill()
  const { report, finished_at } = await till.backfill()
  for (const tally of Object.values(report))
    expect(tally).toMatchObject({ missing: 0, changed: 0, unreadable: 0 })
  await eventually(async () =>
    expect((await till.call('/health')).body).toMatchObject({ status: 'healthy', catch_up: { finished_at } }),
  )
})

test('a list of many pages and of more types than one call takes is read to its end', async () => {
  expect(handledEventTypes.length).toBeGreaterThan(20)
  await using till = await openTill()
  till.disableWebhook()
  for (let n = 0; n < 130; n += 1) await till.payAtStripe(orderId(`many-${n}`))
  const { subscriptionId } = await till.subscribeAtStripe(orderId('with-a-subscription'))
  await till.stripe.moveClock({ advance_seconds: dayS })
  for (let n = 0; n < 130; n += 1) await till.payAtStripe(orderId(`more-${n}`))

  await using _gateway = await till.start()
  const { report } = await till.backfill()
  expect(report.events?.looked_at).toBeGreaterThanOrEqual(260)
  expect(await eventsMissing(till)).toEqual([])
  await eventually(async () => {
    expect(await till.prisma.payment.count()).toBe(261)
    expect(await stateOf(till, subscriptionId)).toMatchObject({ status: 'succeeded' })
  })
})

test('an interrupted comparison continues where it stopped', async () => {
  await using till = await openTill()
  till.disableWebhook()
  for (let day = 0; day < 4; day += 1) {
    for (let n = 0; n < 60; n += 1) await till.payAtStripe(orderId(`day-${day}-${n}`))
    await till.stripe.moveClock({ advance_seconds: dayS })
  }
  await using _gateway = await till.start()
  const fault = till.stripe.addApiFault({
    when: { method: 'GET', path: '/v1/(invoices|events)$', chance: 0.6 },
    do: { kind: 'status', status: 500 },
  })
  const cut = await till.backfill()
  expect(cut.error).not.toBeNull()
  await eventually(async () =>
    expect((await till.call('/health')).body).toMatchObject({
      status: 'degraded',
      failing: { catch_up: expect.stringContaining('Not compared with Stripe') },
    }),
  )
  till.stripe.removeFaults(fault)
  const whole = await till.backfill()
  expect(whole.error).toBeNull()
  expect(await eventsMissing(till)).toEqual([])
  await eventually(async () => expect(await till.prisma.payment.count()).toBe(240))
})

test('of two gateways that are to compare at once, one does', async () => {
  await using till = await openTill()
  till.disableWebhook()
  await till.payAtStripe(orderId('two'))
  await using _first = await till.start()
  await using _second = await till.start({ PORT: '0', CATCH_UP_MINUTES: '600' })
  await using _third = await till.start({ PORT: '0', CATCH_UP_MINUTES: '600' })
  await till.backfill()
  await eventually(async () => expect(await till.prisma.payment.count()).toBe(1))
  const calls = till.stripe.state().calls['GET /v1/disputes']
  // The two that begin by themselves share one comparison; the one that was asked for is another at most.
  expect(calls).toBeLessThanOrEqual(2)
})

async function stateOf(till: Till, id: string): Promise<unknown> {
  return JSON.parse((await till.prisma.payment.findUniqueOrThrow({ where: { id } })).state)
}

/** Stripe has stopped trying to deliver: only its list still has what happened. */
async function givenUp(till: Till): Promise<void> {
  await till.stripe.moveClock({ advance_seconds: 4 * dayS })
}

/** Events of Stripe's list that count here and are not in the journal. */
async function eventsMissing(till: Till): Promise<string[]> {
  const known = new Set(
    (await till.prisma.stripeEvent.findMany({ select: { eventId: true } })).map(({ eventId }) => eventId),
  )
  return till.stripe
    .events()
    .filter(({ type, id }) => handledEventTypes.includes(type) && !known.has(id))
    .map(({ type, id }) => `${type} ${id}`)
}
