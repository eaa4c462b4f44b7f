import { expect, test } from 'vitest'
import { clientOf, eventually, startReceiver, startSeller } from './seller.ts'
import { day, type Seller, subscribe } from './subscriber.ts'

const acacia = '2025-02-24.acacia'
const start = Date.parse('2026-01-31T10:00:00Z')

test('an endpoint made before basil sees an invoice with its subscription, payment and prices', async () => {
  await using seller = await startSeller({ now: () => start })
  await using old = await oldEndpoint(seller)
  const { id } = await subscribe(seller)
  const [invoice] = await bodiesOf(old, 'invoice.paid')
  const [payment] = (await seller.stripe.invoicePayments.list()).data
  const intent = await seller.stripe.paymentIntents.retrieve(String(payment?.payment.payment_intent))
  expect(invoice).toMatchObject({
    subscription: id,
    paid: true,
    payment_intent: intent.id,
    charge: intent.latest_charge,
    subscription_details: { metadata: { order_id: 'order-1' } },
    lines: { data: [{ type: 'subscription', proration: false, price: { unit_amount: 1000 } }] },
  })
  expect(invoice).not.toHaveProperty('parent')
  expect(invoice).not.toHaveProperty('lines.data.0.pricing')
  expect((await bodiesOf(old, 'charge.succeeded'))[0]).toMatchObject({ invoice: payment?.invoice })
  expect((await bodiesOf(old, 'payment_intent.succeeded'))[0]).toMatchObject({ invoice: payment?.invoice })
})

test('a renewal shows it the new period on the subscription, and the old one as what was before', async () => {
  await using seller = await startSeller({ now: () => start })
  await using old = await oldEndpoint(seller)
  const { id } = await subscribe(seller)
  await seller.simulator.moveClock({ advance_seconds: 29 * day })
  const subscription = await seller.stripe.subscriptions.retrieve(id)
  const [item] = subscription.items.data
  const updates = old.received.filter(({ event }) => event.type === 'customer.subscription.updated')
  expect(updates.at(-1)?.event).toMatchObject({
    api_version: acacia,
    data: {
      object: { current_period_end: item?.current_period_end },
      previous_attributes: { current_period_end: item?.current_period_start },
    },
  })
})

test('endpoints of two API versions receive the same event in two shapes, and the list keeps one', async () => {
  await using seller = await startSeller({ now: () => start })
  await using old = await oldEndpoint(seller)
  await subscribe(seller)
  await seller.simulator.moveClock({ advance_seconds: 60 })
  const paid = (received: typeof old.received) => received.find(({ event }) => event.type === 'invoice.paid')
  const [before, today] = [paid(old.received), paid(seller.receiver.received)]
  expect(before?.event.id).toBe(today?.event.id)
  expect(today?.event).toMatchObject({ api_version: '2026-10-28.endive' })
  expect(today?.event.data.object).toHaveProperty('parent.subscription_details.subscription')
  const listed = await clientOf(seller.simulator).events.retrieve(
    String(today?.event.id),
    {},
    { apiVersion: acacia },
  )
  expect(listed.data.object).toEqual(today?.event.data.object)
})

async function oldEndpoint({ simulator }: Seller) {
  const receiver = await startReceiver('whsec_old')
  simulator.addWebhook(receiver.url, 'whsec_old', { apiVersion: acacia })
  return receiver
}

function bodiesOf({ received }: Awaited<ReturnType<typeof startReceiver>>, type: string) {
  return eventually(() => {
    const found = received.filter(({ event }) => event.type === type)
    expect(found).not.toEqual([])
    return found.map(({ event }): object => event.data.object)
  })
}
