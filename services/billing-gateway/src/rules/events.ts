import type { Payment, Subscription } from '@spawnpoint/contracts'
import { newEvent } from '@spawnpoint/messaging'
import type { Books } from './billing-state.ts'
import { publishedPayment, type StoredPayment } from './payment.ts'
import { isOver } from './subscription.ts'

type PaymentEvent = `payment.${'pending' | 'succeeded' | 'failed' | 'refunded' | 'disputed' | 'flagged'}`

export function sayPayment(
  books: Books,
  payment: StoredPayment,
  { type, cause, happenedAt }: { type: PaymentEvent; cause: string; happenedAt: Date },
): void {
  const data: Payment = publishedPayment(payment)
  const { payment_id: subject, version } = data
  books.outgoing.push(
    newEvent({ source: 'billing-gateway', cause, type, subject, version, data, time: happenedAt }),
  )
}

export function saySubscription(books: Books, data: Subscription, happenedAt: Date): void {
  const { subscription_id: subject, version } = data
  books.outgoing.push(
    newEvent({
      source: 'billing-gateway',
      cause: `${subject}/${version}`,
      type: isOver(data) ? 'subscription.ended' : 'subscription.changed',
      subject,
      version,
      data,
      time: happenedAt,
    }),
  )
}
