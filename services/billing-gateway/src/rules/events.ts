import type { Envelope, Payment, Subscription } from '@spawnpoint/contracts'
import { newEvent } from '@spawnpoint/messaging'
import type { BillingState } from './billing-state.ts'
import { publishedPayment } from './payment.ts'
import type { StoredPayment } from './stored-payment.ts'
import { isEnded } from './subscription.ts'

type PaymentEvent = `payment.${'pending' | 'succeeded' | 'failed' | 'refunded' | 'disputed' | 'flagged'}`

export function emitPayment(
  billing: BillingState,
  payment: StoredPayment,
  { type, cause, happenedAt }: { type: PaymentEvent; cause: string; happenedAt: Date },
): void {
  const data: Payment = publishedPayment(payment)
  const { payment_id: subject, version } = data
  billing.outgoing.push(
    newEvent({ source: 'billing-gateway', cause, type, subject, version, data, time: happenedAt }),
  )
}

export function emitSubscription(billing: BillingState, data: Subscription, happenedAt: Date): void {
  const { subscription_id: subject, version } = data
  billing.outgoing.push(
    newEvent({
      source: 'billing-gateway',
      cause: `${subject}/${version}`,
      type: isEnded(data) ? 'subscription.ended' : 'subscription.changed',
      subject,
      version,
      data,
      time: happenedAt,
    }),
  )
}

/** The event of its current state, for consumers that missed it. */
export function republishedPayment(payment: Payment, requestId: string): Envelope {
  const { payment_id: subject, version } = payment
  const type = eventTypeOf(payment)
  return newEvent({ ...base(subject, requestId), type, subject, version, data: payment })
}

function eventTypeOf({ status, refunded = 0, refund_pending = 0, dispute, fraud_warning }: Payment) {
  if (status === 'pending') return 'payment.pending'
  if (status === 'failed' || status === 'expired') return 'payment.failed'
  if (dispute) return 'payment.disputed'
  if (refunded + refund_pending > 0) return 'payment.refunded'
  return fraud_warning ? 'payment.flagged' : 'payment.succeeded'
}

export function republishedSubscription(subscription: Subscription, requestId: string): Envelope {
  const { subscription_id: subject, version } = subscription
  const type = isEnded(subscription) ? 'subscription.ended' : 'subscription.changed'
  return newEvent({ ...base(subject, requestId), type, subject, version, data: subscription })
}

function base(id: string, requestId: string) {
  return { source: 'billing-gateway', cause: `again/${requestId}/${id}`, time: new Date() }
}
