import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backfillObjects } from '../src/backfill/backfill-objects.ts'
import { openTill, type Till } from './open-till.ts'

let till: Till
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start())
  await till.backfill()
})
afterAll(() => till[Symbol.asyncDispose]())

const orderId = (name: string) => derivedId(name, 'order')

test('a paid session of which Stripe made no event is found', async () => {
  await withoutEvents('.*', async () => {
    const { paymentId } = await till.payAtStripe(orderId('no-event'))
    expect((await till.backfill()).report.sessions).toMatchObject({ missing: 1 })
    await eventually(async () => expect(await paymentOf(paymentId)).toMatchObject({ status: 'succeeded' }))
  })
})

test('a first period of which Stripe made no event is found, with its subscription', async () => {
  await withoutEvents('.*', async () => {
    const { subscriptionId } = await till.subscribeAtStripe(orderId('no-event-month'))
    await till.backfill()
    await eventually(async () => {
      expect(await paymentOf(subscriptionId)).toMatchObject({
        status: 'succeeded',
        paid_until: expect.any(String),
      })
      expect(await subscriptionOf(subscriptionId)).toMatchObject({ status: 'active' })
    })
  })
})

test('a refund and a dispute of which Stripe made no event are found', async () => {
  const refunded = await till.sell(orderId('refund'))
  const disputed = await till.sell(orderId('dispute'))
  await withoutEvents('.*', async () => {
    await till.client.refunds.create({ payment_intent: refunded.payment_intent, amount: 400 })
    till.stripe.openDispute({ payment_intent: disputed.payment_intent })
    const { report } = await till.backfill()
    expect(report).toMatchObject({ refunds: { missing: 1 }, disputes: { missing: 1 } })
  })
  await eventually(async () => {
    expect(await paymentOf(refunded.paymentId)).toMatchObject({ refunded: 400 })
    expect(await paymentOf(disputed.paymentId)).toMatchObject({ dispute: 'open' })
  })
})

test('a subscription that was cancelled long after it began, without an event, is found', async () => {
  const { subscriptionId } = await till.subscribeAtStripe(orderId('cancelled'))
  await eventually(async () =>
    expect(await subscriptionOf(subscriptionId)).toMatchObject({ status: 'active' }),
  )
  await till.stripe.moveClock({ advance_seconds: 3 * 86_400 })
  await till.backfill()
  await withoutEvents('.*', async () => {
    await till.client.subscriptions.cancel(subscriptionId)
    expect((await till.backfill()).report.subscriptions).toMatchObject({ changed: 1 })
  })
  await eventually(async () =>
    expect(await subscriptionOf(subscriptionId)).toMatchObject({ status: 'canceled' }),
  )
})

test('objects of another product are compared and ignored, in each run', async () => {
  await withoutEvents('.*', async () => {
    const session = till.stripe.sellElsewhere({ mode: 'payment' })
    till.stripe.refund({ payment_intent: String(session.payment_intent) })
    till.stripe.sellElsewhere({ mode: 'subscription' })
    await till.backfill()
    await settled()
    const events = await till.prisma.stripeEvent.count()
    await till.backfill()
    await till.backfill()
    expect(await till.prisma.stripeEvent.count()).toBe(events)
  })
})

test('what is created at Stripe while later lists are read is found by the next run', async () => {
  const { payment_intent, paymentId } = await till.sell(orderId('meanwhile'))
  await till.backfill()
  await withoutEvents('.*', async () => {
    let calls = 0
    const next = async () => {
      calls += 1
      if (calls !== disputesAreListed) return
      await till.client.refunds.create({ payment_intent, amount: 300 })
      await till.stripe.moveClock({ advance_seconds: 3_600 })
    }
    const context = {
      prisma: till.prisma,
      stripe: till.client,
      livemode: false,
      next,
      wakeProcessor: () => {},
    }
    await backfillObjects(context, { allSubscriptions: false })
    expect(calls).toBeGreaterThanOrEqual(disputesAreListed)
    expect((await till.backfill()).report.refunds).toMatchObject({ missing: 1 })
  })
  await eventually(async () => expect(await paymentOf(paymentId)).toMatchObject({ refunded: 300 }))
})

// After sessions, invoices, subscriptions and refunds, each on one page.
const disputesAreListed = 5

async function withoutEvents(type: string, work: () => Promise<void>): Promise<void> {
  const fault = till.stripe.addWebhookFault({ when: { type }, do: { kind: 'ungenerated' } })
  try {
    await work()
  } finally {
    till.stripe.removeFaults(fault)
  }
}

function settled(): Promise<void> {
  return eventually(async () => {
    expect(await till.prisma.stripeEvent.count({ where: { processedAt: null } })).toBe(0)
  })
}

async function paymentOf(id: string): Promise<unknown> {
  return JSON.parse((await till.prisma.payment.findUniqueOrThrow({ where: { id } })).state)
}

async function subscriptionOf(id: string): Promise<unknown> {
  return JSON.parse((await till.prisma.subscription.findUniqueOrThrow({ where: { id } })).state)
}
