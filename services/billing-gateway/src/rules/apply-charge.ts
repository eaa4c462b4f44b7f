import { settleSubscription } from './apply-subscription.ts'
import { type Books, isOfPayment, paymentOfCharge, paymentOfInvoice, putPayment } from './billing-state.ts'
import type { ChargeLink, Fact } from './billing-update.ts'
import type { Decision, Happened } from './decision.ts'
import { laterDispute, withDisputes } from './dispute.ts'
import { sayPayment } from './events.ts'
import { laterSignal, withFraudSignals } from './fraud.ts'
import { either, type StoredPayment } from './payment.ts'
import { laterRefund, withRefunds } from './refund.ts'

export function decideRefunds(
  books: Books,
  { link, refunds, claimed }: Extract<Fact, { about: 'refunds' }>,
  happened: Happened,
): Decision {
  const payment = paymentOfCharge(books, link)
  if (!payment) return unknownPayment(link, happened)
  for (const refund of refunds) {
    books.refunds.set(refund.refundId, laterRefund(books.refunds.get(refund.refundId), refund))
    books.changed.refunds.add(refund.refundId)
  }
  const known = [...books.refunds.values()].filter((refund) => isOfPayment(payment, refund))
  const next = withRefunds(payment, known)
  const decision = change(books, payment, next, { type: 'payment.refunded', ...happened })
  const isMissingSome = claimed !== null && claimed !== next.refunded + next.refund_pending
  if (!isMissingSome || link.chargeId === null) return decision
  return happened.wasLooked
    ? ignored('looked_at')
    : { outcome: 'look', target: `look:refunds:${link.chargeId}` }
}

export function decideDispute(
  books: Books,
  { link, dispute }: Extract<Fact, { about: 'dispute' }>,
  happened: Happened,
): Decision {
  const payment = paymentOfCharge(books, link)
  if (!payment) return unknownPayment(link, happened)
  const { disputeId } = dispute
  books.disputes.set(disputeId, laterDispute(books.disputes.get(disputeId), dispute))
  books.changed.disputes.add(disputeId)
  const known = [...books.disputes.values()].filter((each) => isOfPayment(payment, each))
  const next = withDisputes(payment, known)
  const decision = change(books, payment, next, { type: 'payment.disputed', ...happened })
  // A period whose direct debit was returned is not paid.
  if (next.returned !== payment.returned && payment.subscription_id !== null)
    settleSubscription(books, payment.subscription_id, happened.happenedAt)
  return decision
}

export function decideFraud(
  books: Books,
  { link, signal }: Extract<Fact, { about: 'fraud' }>,
  happened: Happened,
): Decision {
  const payment = paymentOfCharge(books, link)
  if (!payment) return unknownPayment(link, happened)
  const { signalId } = signal
  books.signals.set(signalId, laterSignal(books.signals.get(signalId), signal))
  books.changed.signals.add(signalId)
  const known = [...books.signals.values()].filter((each) => isOfPayment(payment, each))
  return change(books, payment, withFraudSignals(payment, known), { type: 'payment.flagged', ...happened })
}

export function decideInvoicePayment(
  books: Books,
  { invoiceId, link }: Extract<Fact, { about: 'invoice-payment' }>,
): Decision {
  const payment = paymentOfInvoice(books, invoiceId)
  if (!payment) return ignored('not_ours', invoiceId)
  const next = {
    ...payment,
    payment_intent_id: either(payment.payment_intent_id, link.paymentIntentId),
    charge_id: either(payment.charge_id, link.chargeId),
  }
  if (next.payment_intent_id === payment.payment_intent_id && next.charge_id === payment.charge_id)
    return ignored('same_state')
  putPayment(books, next)
  return { outcome: 'done', said: `Payment linked: ${payment.payment_id}`, orderId: payment.order_id }
}

// It may have paid an invoice of ours: since 2025-03-31 only Stripe can say so.
function unknownPayment({ paymentIntentId, chargeId }: ChargeLink, { wasLooked }: Happened): Decision {
  return paymentIntentId && !wasLooked
    ? { outcome: 'look', target: `look:invoice-payments:${paymentIntentId}` }
    : ignored('not_ours', paymentIntentId ?? chargeId)
}

type Change = { type: 'payment.refunded' | 'payment.disputed' | 'payment.flagged'; happenedAt: Date }

function change(
  books: Books,
  before: StoredPayment,
  after: StoredPayment,
  { type, happenedAt }: Change,
): Decision {
  if (isSameMoney(before, after)) return ignored('same_state')
  const payment = { ...after, version: before.version + 1 }
  putPayment(books, payment)
  sayPayment(books, payment, { type, cause: `${payment.payment_id}/${payment.version}`, happenedAt })
  return { outcome: 'done', said: sentenceOf(payment, type), orderId: payment.order_id }
}

function isSameMoney(a: StoredPayment, b: StoredPayment): boolean {
  const names = ['refunded', 'refund_pending', 'dispute', 'returned', 'fraud_warning'] as const
  return names.every((name) => a[name] === b[name])
}

function sentenceOf(
  { payment_id, refunded, refund_pending, dispute, returned, fraud_warning }: StoredPayment,
  type: Change['type'],
) {
  switch (type) {
    case 'payment.refunded':
      return `Payment refunded: ${payment_id}, ${refunded} back and ${refund_pending} on the way`
    case 'payment.disputed':
      return returned
        ? `Payment returned by the bank: ${payment_id}`
        : `Payment disputed: ${payment_id}, ${dispute ?? 'no longer'}`
    case 'payment.flagged':
      return `Payment flagged: ${payment_id}, ${fraud_warning ?? 'cleared'}`
    default:
      return type satisfies never
  }
}

function ignored(reason: string, waitingFor: string | null = null): Decision {
  return { outcome: 'ignored', reason, waitingFor }
}
