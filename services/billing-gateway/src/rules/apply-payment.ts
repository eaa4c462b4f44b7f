import { isOurSubscription, planItemOf, settleSubscription } from './apply-subscription.ts'
import { type Books, putPayment } from './billing-state.ts'
import type { Fact } from './billing-update.ts'
import type { Decision, Happened } from './decision.ts'
import { sayPayment } from './events.ts'
import { applyFact, type PaymentFact, type StoredPayment } from './payment.ts'

export function decidePayment(
  books: Books,
  { isOurs, isCut = false, payment: fact }: Extract<Fact, { about: 'payment' }>,
  { happenedAt, wasLooked }: Happened,
): Decision {
  const { subscription_id: subscription } = fact
  if (!isOurs && !isOurSubscription(books, subscription))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: subscription }
  const before = books.payments.get(fact.payment_id) ?? null
  const target = wasLooked ? null : lookupFor(books, { fact, before, isCut })
  if (target !== null) return { outcome: 'look', target }

  const applied = applyFact(before, withTrial(books, withOrder(books, fact)), planItemOf(books, subscription))
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

type Doubt = { fact: PaymentFact; before: StoredPayment | null; isCut: boolean }

/** What only Stripe can say: the lines that the event leaves out, and why a subscription's first period costs nothing. */
function lookupFor(books: Books, { fact, before, isCut }: Doubt): string | null {
  const isNew = before === null || before.status !== fact.status
  if (isCut && fact.invoice_id && isNew) return `look:invoice:${fact.invoice_id}`
  const isUnexplained = fact.status === 'succeeded' && fact.nothing_owed && fact.discount === 0
  const { subscription_id: id } = fact
  if (!isUnexplained || id === null || fact.kind !== 'first' || books.subscriptions.get(id)) return null
  return isNew ? `look:subscription:${id}` : null
}

function withTrial(books: Books, fact: PaymentFact): PaymentFact {
  if (fact.kind !== 'first' || !fact.nothing_owed || fact.subscription_id === null) return fact
  const { trial_end } = books.subscriptions.get(fact.subscription_id)?.subscription ?? {}
  return { ...fact, trial_end: trial_end ?? null }
}

// The session of a Payment Link is the only one to name an order; whatever its subscription costs later is of the same. One that an
// operator set for an order names it itself, and its older invoices do not.
function withOrder(books: Books, fact: PaymentFact): PaymentFact {
  const { subscription_id: id } = fact
  if (id === null || fact.order_id !== null) return fact
  const order_id =
    books.payments.get(id)?.order_id ?? books.subscriptions.get(id)?.subscription.order_id ?? null
  return { ...fact, order_id }
}
