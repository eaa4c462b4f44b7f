import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

let till: Till
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start())
})
afterAll(() => till[Symbol.asyncDispose]())

test('a lookup that the key may not make holds up no other', async () => {
  const { paymentId, payment_intent } = await till.sell(derivedId('looked', 'order'))
  till.stripe.addApiFault({
    when: { path: '/invoice_payments' },
    do: { kind: 'status', status: 403, message: 'The provided key does not have the required permissions.' },
  })
  const elsewhere = till.stripe.sellElsewhere({ mode: 'payment' })
  await till.client.refunds.create({ payment_intent: String(elsewhere.payment_intent) })
  await eventually(async () =>
    expect(
      await till.prisma.stripeEvent.count({ where: { waitingFor: { startsWith: 'look:invoice' } } }),
    ).toBeGreaterThan(0),
  )

  // Only the charge reports this one, without its refund: that needs a lookup.
  till.stripe.addWebhookFault({ when: { type: '^refund\\.' }, do: { kind: 'drop' } })
  await till.client.refunds.create({ payment_intent })
  await eventually(async () => {
    const payment = await till.prisma.payment.findUniqueOrThrow({ where: { id: paymentId } })
    expect(JSON.parse(payment.state)).toMatchObject({ refunded: 1_000 })
  })
  const [waiting] = await till.prisma.stripeEvent.findMany({ where: { waitingFor: { startsWith: 'look:' } } })
  expect(waiting?.error).toContain('permissions')
})
