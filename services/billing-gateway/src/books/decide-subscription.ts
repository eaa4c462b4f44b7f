import type { Subscription } from '@spawnpoint/contracts'
import type { Fact } from '../translate/fact.ts'
import { type Books, paymentsOfSubscription } from './books.ts'
import type { Decision, Happened } from './decision.ts'
import { saySubscription } from './say.ts'
import { applyState, isSameSubscription, withPayments } from './subscription.ts'

export function decideSubscription(
  books: Books,
  { isOurs, state, asOf }: Extract<Fact, { about: 'subscription' }>,
  { happenedAt, wasLooked }: Happened,
): Decision {
  const { subscription_id: id } = state
  if (!isOurs && !isOurSubscription(books, id))
    return { outcome: 'ignored', reason: 'not_ours', waitingFor: id }
  const known = books.subscriptions.get(id) ?? null
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
  return id !== null && (books.subscriptions.has(id) || paymentsOfSubscription(books, id).length > 0)
}

type Saved = {
  known: Subscription | null
  next: Parameters<typeof withPayments>[0]
  asOf: Date
  happenedAt: Date
}

function save(books: Books, { known, next, asOf, happenedAt }: Saved): void {
  const { subscription_id: id } = next
  const settled = withPayments(next, paymentsOfSubscription(books, id))
  const isNews = !known || !isSameSubscription(known, settled)
  const subscription = { ...settled, version: (known?.version ?? 0) + (isNews ? 1 : 0) }
  books.subscriptions.set(id, { subscription, asOf })
  books.changed.subscriptions.add(id)
  if (isNews) saySubscription(books, subscription, happenedAt)
}
