import { applyFact, type PaymentFact } from '../payment.ts'
import type { Fact } from '../translate/fact.ts'
import { type Books, putPayment } from './books.ts'
import { isOurSubscription, settleSubscription } from './decide-subscription.ts'
import type { Decision, Happened } from './decision.ts'
import { sayPayment } from './say.ts'

export function decidePayment(
  books: Books,
  { isOurs, payment: fact }: Extract<Fact, { about: 'payment' }>,
  { happenedAt }: Happened,
): Decision {
  const { subscription_id: subscription } = fact
  if (!isOurs && !isOurSubscription(books, subscription))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: subscription }

  const applied = applyFact(books.payments.get(fact.payment_id) ?? null, withOrder(books, fact))
  if ('ignored' in applied) return { outcome: 'ignored', reason: applied.ignored, waitingFor: null }
  const { payment, news } = applied
  putPayment(books, payment)
  if (news) sayPayment(books, payment, { ...news, happenedAt })
  if (subscription) settleSubscription(books, subscription, happenedAt)
  return {
    outcome: 'done',
    said: `Payment ${payment.status}: ${payment.payment_id}`,
    orderId: payment.order_id,
  }
}

// The session of a Payment Link is the only one to name an order; whatever its subscription costs later is of the same.
function withOrder(books: Books, fact: PaymentFact): PaymentFact {
  const first = fact.subscription_id === null ? undefined : books.payments.get(fact.subscription_id)
  return { ...fact, order_id: fact.order_id ?? first?.order_id ?? null }
}
