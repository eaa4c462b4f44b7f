import { readSubscription } from '@spawnpoint/contracts'
import { ask, connectNats, derivedId, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

const monthAndTwoHoursS = 31 * 86_400 + 2 * 3_600

let till: Till
let nats: Nats
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start())
  nats = connectNats({
    url: till.nats.urls.operator,
    name: 'operator',
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  till.own({ [Symbol.asyncDispose]: () => nats.close() })
  await nats.connection()
})
afterAll(() => till[Symbol.asyncDispose]())

test('reading a subscription finds a renewal whose webhook was missed', async () => {
  const { subscriptionId } = await till.subscribeAtStripe(derivedId('unheard', 'order'))
  const first = await eventually(() => paidUntil(subscriptionId))
  till.disableWebhook()
  await till.stripe.moveClock({ advance_seconds: monthAndTwoHoursS })
  const { subscription } = await ask({
    nats,
    contract: readSubscription,
    request: { subscription_id: subscriptionId },
    timeoutMs: 20_000,
  })
  expect(subscription.status).toBe('active')
  expect(Date.parse(subscription.paid_until ?? '')).toBeGreaterThan(Date.parse(first))
  expect(subscription.paid_until).toBe(subscription.current_period_end)

  // And it is money like any other, without any catching up.
  await eventually(async () => expect(await paidUntil(subscriptionId)).toBe(subscription.paid_until))
  const payments = await till.prisma.payment.findMany({ where: { subscriptionId } })
  expect(payments.map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
  const row = await till.prisma.subscription.findUniqueOrThrow({ where: { id: subscriptionId } })
  expect(JSON.parse(row.state)).toEqual(subscription)
})

async function paidUntil(id: string): Promise<string> {
  const row = await till.prisma.subscription.findUniqueOrThrow({ where: { id } })
  const { paid_until } = JSON.parse(row.state)
  expect(paid_until).toEqual(expect.any(String))
  return paid_until
}
