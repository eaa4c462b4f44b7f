import { expect, test } from 'vitest'
import { oneServer, startSeller } from './seller.ts'
import { allEvents, type Seller, typesOf } from './subscriber.ts'

test('a chargeback takes the money at once, and a won one gives it back', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const payment_intent = await sell(seller)
  const dispute = simulator.openDispute({ payment_intent })
  expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
    amount: 1500,
    payment_intent,
    status: 'needs_response',
    is_charge_refundable: false,
  })
  expect((await stripe.charges.retrieve(String(dispute.charge))).disputed).toBe(true)
  await expect(stripe.refunds.create({ payment_intent })).rejects.toMatchObject({ code: 'charge_disputed' })

  await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'They played for hours.' } })
  expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({
    status: 'under_review',
    evidence_details: { has_evidence: true, submission_count: 1 },
  })
  simulator.moveDispute(dispute.id, 'won')
  expect(typesOf(await disputeEvents(seller))).toEqual([
    'charge.dispute.created',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.updated',
    'charge.dispute.updated',
    'charge.dispute.closed',
    'charge.dispute.funds_reinstated',
  ])
  expect(() => simulator.moveDispute(dispute.id, 'lost')).toThrow('cannot become')
  expect((await stripe.refunds.create({ payment_intent })).status).toBe('succeeded')
})

test('a lost dispute is closed and the money stays away', async () => {
  await using seller = await startSeller()
  const dispute = seller.simulator.openDispute({ payment_intent: await sell(seller) })
  expect((await seller.stripe.disputes.close(dispute.id)).status).toBe('lost')
  expect(typesOf(await disputeEvents(seller))).not.toContain('charge.dispute.funds_reinstated')
})

test('an inquiry takes no money; it closes, or becomes a real dispute', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const first = simulator.openDispute({ payment_intent: await sell(seller), kind: 'inquiry' })
  expect(first).toMatchObject({ status: 'warning_needs_response', is_charge_refundable: true })
  expect(simulator.moveDispute(first.id, 'under_review').status).toBe('warning_under_review')
  expect(simulator.moveDispute(first.id, 'warning_closed').status).toBe('warning_closed')
  expect(typesOf(await disputeEvents(seller))).not.toContain('charge.dispute.funds_withdrawn')

  const payment_intent = await sell(seller)
  const second = simulator.openDispute({ payment_intent, kind: 'inquiry' })
  simulator.moveDispute(second.id, 'needs_response')
  expect(typesOf(await disputeEvents(seller))).toContain('charge.dispute.funds_withdrawn')
  expect((await stripe.disputes.list({ payment_intent })).data.map(({ id }) => id)).toEqual([second.id])
})

test('a fraud warning and a review name the payment they are about', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const payment_intent = await sell(seller)
  const warning = simulator.warnOfFraud({ payment_intent })
  expect(await stripe.radar.earlyFraudWarnings.retrieve(warning.id)).toMatchObject({
    actionable: true,
    payment_intent,
  })
  const review = simulator.openReview({ payment_intent })
  expect(await stripe.paymentIntents.retrieve(payment_intent)).toMatchObject({ review: review.id })
  expect(await stripe.reviews.approve(review.id)).toMatchObject({ open: false, closed_reason: 'approved' })
  expect(await stripe.paymentIntents.retrieve(payment_intent)).toMatchObject({ review: null })
  expect(typesOf(await allEvents(stripe))).toEqual(
    expect.arrayContaining(['radar.early_fraud_warning.created', 'review.opened', 'review.closed']),
  )
})

async function sell({ stripe, simulator }: Seller) {
  const { id } = await stripe.checkout.sessions.create(oneServer)
  return String(simulator.pay(id).session.payment_intent)
}

function disputeEvents({ stripe }: Seller) {
  return allEvents(stripe, { type: 'charge.dispute.*' })
}
