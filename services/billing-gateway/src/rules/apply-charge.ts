import { isDeepStrictEqual } from 'node:util'
import { settleSubscription } from './apply-subscription.ts'
import {
  type BillingState,
  isOfPayment,
  paymentOfInvoice,
  paymentsOfCharge,
  putPayment,
} from './billing-state.ts'
import type { BillingUpdate, ChargeLink, UpdateContext, UpdateResult } from './billing-update.ts'
import { laterDispute, withDisputes } from './dispute.ts'
import { emitPayment } from './events.ts'
import { laterSignal, withFraudSignals } from './fraud.ts'
import { either, idsOf } from './merge-payment.ts'
import { isReturnedInWhole } from './period.ts'
import { laterRefund, refundedOf, withRefunds } from './refund.ts'
import { shareOf } from './shared-charge.ts'
import type { StoredPayment } from './stored-payment.ts'

export function applyRefunds(
  billing: BillingState,
  { link, refunds, claimed }: Extract<BillingUpdate, { about: 'refunds' }>,
  context: UpdateContext,
): UpdateResult {
  const payments = paymentsOfCharge(billing, link)
  if (payments.length === 0) return unknownPayment(link, context)
  for (const refund of refunds) {
    billing.refunds.set(refund.refundId, laterRefund(billing.refunds.get(refund.refundId), refund))
    billing.changed.refunds.add(refund.refundId)
  }
  const known = [...billing.refunds.values()]
  const results = payments.map((payment) => {
    const next = withRefunds(payment, sharesOf(billing, payment, known))
    return change(billing, payment, next, { type: 'payment.refunded', ...context })
  })
  // The total is of this charge alone: others may have paid a part of the same invoice.
  const ofCharge = refundedOf(known.filter((refund) => isOfCharge(link, refund)))
  const isMissingSome = claimed !== null && claimed !== ofCharge
  if (!isMissingSome || link.chargeId === null) return firstChange(results)
  return context.wasLooked
    ? ignored('looked_at')
    : { outcome: 'look', target: `look:refunds:${link.chargeId}` }
}

export function applyDispute(
  billing: BillingState,
  { link, dispute }: Extract<BillingUpdate, { about: 'dispute' }>,
  context: UpdateContext,
): UpdateResult {
  const payments = paymentsOfCharge(billing, link)
  if (payments.length === 0) return unknownPayment(link, context)
  const { disputeId } = dispute
  billing.disputes.set(disputeId, laterDispute(billing.disputes.get(disputeId), dispute))
  billing.changed.disputes.add(disputeId)
  const known = [...billing.disputes.values()]
  const results = payments.map((payment) => {
    const next = withDisputes(payment, sharesOf(billing, payment, known))
    const result = change(billing, payment, next, { type: 'payment.disputed', ...context })
    // A period whose direct debit was returned is not paid.
    const isTakenBack = isReturnedInWhole(next) !== isReturnedInWhole(payment)
    if (isTakenBack && payment.subscription_id !== null)
      settleSubscription(billing, payment.subscription_id, context.happenedAt)
    return result
  })
  return firstChange(results)
}

export function applyFraudSignal(
  billing: BillingState,
  { link, signal }: Extract<BillingUpdate, { about: 'fraud' }>,
  context: UpdateContext,
): UpdateResult {
  const payments = paymentsOfCharge(billing, link)
  if (payments.length === 0) return unknownPayment(link, context)
  const { signalId } = signal
  billing.signals.set(signalId, laterSignal(billing.signals.get(signalId), signal))
  billing.changed.signals.add(signalId)
  const results = payments.map((payment) => {
    const known = [...billing.signals.values()].filter((each) => isOfPayment(payment, each))
    return change(billing, payment, withFraudSignals(payment, known), { type: 'payment.flagged', ...context })
  })
  return firstChange(results)
}

export function applyInvoicePayment(
  billing: BillingState,
  { invoiceId, link }: Extract<BillingUpdate, { about: 'invoice-payment' }>,
): UpdateResult {
  const payment = paymentOfInvoice(billing, invoiceId)
  if (!payment) return ignored('not_ours', invoiceId)
  const next = {
    ...payment,
    payment_intent_id: either(payment.payment_intent_id, link.paymentIntentId),
    charge_id: either(payment.charge_id, link.chargeId),
    charged_by: idsOf(payment.charged_by, [link.paymentIntentId, link.chargeId]),
  }
  if (next.charged_by.length === payment.charged_by.length) return ignored('same_state')
  putPayment(billing, next)
  return { outcome: 'done', message: `Payment linked: ${payment.payment_id}`, orderId: payment.order_id }
}

function sharesOf<Move extends ChargeLink & { amount: number }>(
  billing: BillingState,
  payment: StoredPayment,
  known: Move[],
): Move[] {
  return known.filter((each) => isOfPayment(payment, each)).map((each) => shareOf(billing, payment, each))
}

function firstChange(results: UpdateResult[]): UpdateResult {
  return results.find(({ outcome }) => outcome === 'done') ?? results[0] ?? ignored('same_state')
}

function isOfCharge(a: ChargeLink, b: ChargeLink): boolean {
  const isOfIntent = a.paymentIntentId !== null && a.paymentIntentId === b.paymentIntentId
  return isOfIntent || (a.chargeId !== null && a.chargeId === b.chargeId)
}

// It may have paid an invoice of ours: since 2025-03-31 only a lookup can tell.
function unknownPayment(
  { paymentIntentId, chargeId }: ChargeLink,
  { wasLooked }: UpdateContext,
): UpdateResult {
  return paymentIntentId && !wasLooked
    ? { outcome: 'look', target: `look:invoice-payments:${paymentIntentId}` }
    : ignored('not_ours', paymentIntentId ?? chargeId)
}

type Change = { type: 'payment.refunded' | 'payment.disputed' | 'payment.flagged'; happenedAt: Date }

function change(
  billing: BillingState,
  before: StoredPayment,
  after: StoredPayment,
  { type, happenedAt }: Change,
): UpdateResult {
  if (isSameMoney(before, after)) return ignored('same_state')
  const payment = { ...after, version: before.version + 1 }
  putPayment(billing, payment)
  emitPayment(billing, payment, { type, cause: `${payment.payment_id}/${payment.version}`, happenedAt })
  return { outcome: 'done', message: sentenceOf(payment, type), orderId: payment.order_id }
}

function isSameMoney(a: StoredPayment, b: StoredPayment): boolean {
  const names = [
    ...['refunded', 'refund_pending', 'dispute', 'returned', 'returned_amount', 'unclear', 'fraud_warning'],
  ] as const
  return (
    names.every((name) => Reflect.get(a, name) === Reflect.get(b, name)) &&
    isDeepStrictEqual(a.disputed, b.disputed)
  )
}

function sentenceOf(
  { payment_id, refunded, refund_pending, dispute, returned, returned_amount, fraud_warning }: StoredPayment,
  type: Change['type'],
) {
  switch (type) {
    case 'payment.refunded':
      return `Payment refunded: ${payment_id}, ${refunded} back and ${refund_pending} on the way`
    case 'payment.disputed':
      return returned
        ? `Payment returned by the bank: ${payment_id}, ${returned_amount ?? 'all of it'}`
        : `Payment disputed: ${payment_id}, ${dispute ?? 'no longer'}`
    case 'payment.flagged':
      return `Payment flagged: ${payment_id}, ${fraud_warning ?? 'cleared'}`
    default:
      return type satisfies never
  }
}

function ignored(reason: string, waitingFor: string | null = null): UpdateResult {
  return { outcome: 'ignored', reason, waitingFor }
}
