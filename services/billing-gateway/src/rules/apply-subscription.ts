import type { Subscription } from '@spawnpoint/contracts'
import { type Books, paymentsOfSubscription, putPayment } from './billing-state.ts'
import type { Fact } from './billing-update.ts'
import type { Decision, Happened } from './decision.ts'
import { sayPayment, saySubscription } from './events.ts'
import { withPeriod } from './payment.ts'
import { applyState, isSameSubscription, withPayments } from './subscription.ts'

export function decideSubscription(
  books: Books,
  { isOurs, isCut = false, state, asOf }: Extract<Fact, { about: 'subscription' }>,
  { happenedAt, wasLooked }: Happened,
): Decision {
  const { subscription_id: id } = state
  const known = books.subscriptions.get(id) ?? null
  if (!isOurs && !isOurSubscription(books, id))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: id }
  if (isCut && !wasLooked) return { outcome: 'look', target: `look:subscription:${id}` }
  const applied = applyState(known, { state, asOf })
  if (applied === 'tie')
    return wasLooked
      ? { outcome: 'ignored', reason: 'looked_at', waitingFor: null }
      : { outcome: 'look', target: `look:subscription:${id}` }
  if ('ignored' in applied) return { outcome: 'ignored', reason: applied.ignored, waitingFor: null }

  if (!known) books.links.add(id)
  const order_id = state.order_id ?? known?.subscription.order_id ?? null
  const next = { ...known?.subscription, ...state, order_id }
  save(books, { known: known?.subscription ?? null, next, asOf, happenedAt })
  return { outcome: 'done', said: `Subscription ${state.status}: ${id}`, orderId: order_id }
}

/** What its payments say of it has changed. */
export function settleSubscription(books: Books, id: string, happenedAt: Date): void {
  const known = books.subscriptions.get(id)
  if (!known) return
  save(books, { known: known.subscription, next: known.subscription, asOf: known.asOf, happenedAt })
}

/** Whose payment or whose state we have, is ours, whatever the metadata of this or that object leaves out. */
export function isOurSubscription(books: Books, id: string | null): boolean {
  return id !== null && (Boolean(books.subscriptions.get(id)) || paymentsOfSubscription(books, id).length > 0)
}

/** The item that stands for the plan: the one whose price names a plan, else the only one; null while nobody can say. */
export function planItemOf(books: Books, id: string | null): string | null {
  const items = books.subscriptions.get(id ?? '')?.subscription.items ?? []
  const named = items.find(({ plan }) => plan !== null)
  return named?.item ?? (items.length === 1 ? (items[0]?.item ?? null) : null)
}

type Saved = {
  known: Subscription | null
  next: Parameters<typeof withPayments>[0]
  asOf: Date
  happenedAt: Date
}

function save(books: Books, { known, next, asOf, happenedAt }: Saved): void {
  const { subscription_id: id } = next
  const version = known?.version ?? 0
  books.subscriptions.set(id, { subscription: { ...withPayments(next, []), version }, asOf })
  const planItem = planItemOf(books, id)
  settlePayments(books, id, { planItem, trialEnd: next.trial_end ?? null, happenedAt })
  const settled = withPayments(next, paymentsOfSubscription(books, id), planItem)
  const isNews = !known || !isSameSubscription(known, settled)
  const subscription = { ...settled, version: version + (isNews ? 1 : 0) }
  books.subscriptions.set(id, { subscription, asOf })
  books.changed.subscriptions.add(id)
  if (isNews) saySubscription(books, subscription, happenedAt)
}

type Settled = { planItem: string | null; trialEnd: string | null; happenedAt: Date }

/** What the subscription tells about payments that were decided before it was known. */
function settlePayments(books: Books, id: string, { planItem, trialEnd, happenedAt }: Settled): void {
  for (const payment of paymentsOfSubscription(books, id)) {
    const isTrial = payment.kind === 'first' && payment.nothing_owed && payment.trial_end === null
    const next = withPeriod(isTrial ? { ...payment, trial_end: trialEnd } : payment, planItem)
    if (next.trial_end !== payment.trial_end) {
      const published = { ...next, version: payment.version + 1 }
      putPayment(books, published)
      const cause = `${payment.payment_id}/${payment.status}/${published.version}`
      sayPayment(books, published, { type: 'payment.succeeded', cause, happenedAt })
    } else if (next.period_end !== payment.period_end || next.paid_from !== payment.paid_from)
      putPayment(books, next)
  }
}
