import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTill, type Till } from './open-till.ts'

const monthS = 31 * 86_400 + 2 * 3_600

let till: Till
beforeAll(async () => {
  till = await openTill()
  till.own(await till.start({ REFUNDS_PER_DAY: '100' }))
})
afterAll(() => till[Symbol.asyncDispose]())

test('a refund or dispute of any of the PaymentIntents that paid an invoice is found', async () => {
  const { invoice, intents } = await paidByTwo('found')
  for (const [n, intent] of intents.entries()) {
    await till.client.refunds.create({ payment_intent: intent, amount: 100 })
    await eventually(async () => expect(await paymentOf(invoice)).toMatchObject({ refunded: 100 * (n + 1) }))
  }
  till.stripe.openDispute({ payment_intent: String(intents[1]) })
  await eventually(async () => expect(await paymentOf(invoice)).toMatchObject({ dispute: 'open' }))
})

test('a refund that is requested goes back to each of them', async () => {
  const { orderId, invoice, intents } = await paidByTwo('requested')
  const id = await till.requestRefund({ paymentId: invoice, orderId })
  await till.becomes(id, 'done')
  const amounts = await Promise.all(
    intents.map(async (intent) => (await till.refundsOf(intent)).map(({ amount }) => amount)),
  )
  expect(amounts.flat().toSorted()).toEqual([400, 600])
  await eventually(async () => expect(await paymentOf(invoice)).toMatchObject({ refunded: 1_000 }))
  // By Stripe's clock, which is months ahead of ours here.
  const seen = await till.prisma.stripeEvent.findMany({ where: { source: 'seen', type: 'refund.created' } })
  expect(seen).toHaveLength(2)
  for (const { created } of seen) expect(created.getTime()).toBeGreaterThan(Date.now() + monthS * 1_000)
})

async function paidByTwo(name: string) {
  const orderId = derivedId(name, 'order')
  const { subscriptionId, customer } = await till.subscribeAtStripe(orderId)
  till.stripe.setCard(customer, 'declined')
  await till.stripe.moveClock({ advance_seconds: monthS })
  const { data } = await till.client.invoices.list({ subscription: subscriptionId, status: 'open' })
  const invoice = String(data[0]?.id)
  till.stripe.attachPayment(invoice, 400)
  till.stripe.attachPayment(invoice, 600)
  await eventually(async () => expect(await paymentOf(invoice)).toMatchObject({ status: 'succeeded' }))
  const paid = await till.client.invoicePayments.list({ invoice, status: 'paid' })
  return { orderId, invoice, intents: paid.data.map(({ payment }) => String(payment.payment_intent)) }
}

async function paymentOf(id: string): Promise<unknown> {
  return JSON.parse((await till.prisma.payment.findUniqueOrThrow({ where: { id } })).state)
}
