import { expect, test } from 'vitest'
import { openAccount, subscriberIn } from './in-process.ts'
import { typesOf } from './subscriber.ts'

// Sources: support.stripe.com/questions/sepa-direct-debit-payment-disputes, woocommerce-gateway-stripe,
// the SDK's description of `Dispute.reason`.
test('a returned debit is a dispute that is lost when it is made, and nothing else changes at Stripe', async () => {
  const buyer = await subscriberIn(openAccount(), { amount: 999 })
  buyer.simulator.setCard(buyer.customer, 'bank_debit')
  buyer.until('2026-05-10T00:00:00Z')
  const [renewal] = await buyer.invoices()
  const before = buyer.simulator.events().length
  const dispute = buyer.simulator.openDispute({ invoice: String(renewal?.id) })
  expect(typesOf(buyer.simulator.events().slice(before))).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.closed',
  ])
  expect(buyer.simulator.events()[before]?.data.object).toMatchObject({ status: 'lost', amount: 999 })
  expect(dispute).toMatchObject({ reason: 'insufficient_funds', evidence_details: { due_by: null } })
  expect(dispute).not.toHaveProperty('payment_method_details')
  expect(() => buyer.simulator.moveDispute(dispute.id, 'won')).toThrow('cannot become')
  const charge = await buyer.stripe.charges.retrieve(String(dispute.charge))
  expect(charge).toMatchObject({ disputed: true, payment_method_details: { type: 'sepa_debit' } })
  expect((await buyer.invoices())[0]).toMatchObject({ status: 'paid', amount_paid: 999 })
  expect(await buyer.read()).toMatchObject({ status: 'active' })
  await expect(buyer.stripe.refunds.create({ charge: charge.id })).rejects.toMatchObject({
    code: 'charge_disputed',
  })
})

test('a card dispute has a reason and may concern a much earlier period', async () => {
  const buyer = await subscriberIn(openAccount())
  buyer.until('2026-07-02T00:00:00Z')
  const first = (await buyer.invoices()).at(-1)
  const dispute = buyer.simulator.openDispute({
    invoice: String(first?.id),
    reason: 'subscription_canceled',
  })
  expect(dispute).toMatchObject({
    status: 'needs_response',
    reason: 'subscription_canceled',
    payment_method_details: { type: 'card', card: { case_type: 'chargeback', network_reason_code: '13.2' } },
  })
  const charge = await buyer.stripe.charges.retrieve(String(dispute.charge))
  expect(charge.created).toBe(first?.created)
})
