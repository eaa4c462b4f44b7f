import type { Subscription } from '@spawnpoint/contracts'
import type { SubscriptionState } from './billing-update.ts'
import { isGivenUp } from './failure.ts'
import { type PlanItem, paidPeriod } from './period.ts'
import type { StoredPayment } from './stored-payment.ts'

/** Null while only its invoices or its session are known. */
export type KnownSubscription = { subscription: Subscription; asOf: Date } | null

export type SubscriptionApplied =
  | { state: SubscriptionState; asOf: Date }
  /** Two events of one second with different states: only Stripe knows which is later. */
  | 'tie'
  | { ignored: 'same_state' | 'older' | 'already_over' }

/** `canceled` and `incomplete_expired` are terminal; before them the newer state wins. */
export function applyState(
  known: KnownSubscription,
  update: { state: SubscriptionState; asOf: Date },
): SubscriptionApplied {
  if (!known) return update
  const { subscription, asOf } = known
  const isSame = isSameState(subscription, update.state)
  if (isEnded(subscription)) return { ignored: isSame ? 'same_state' : 'already_over' }
  if (isEnded(update.state)) return update
  const seconds = secondOf(update.asOf) - secondOf(asOf)
  if (seconds !== 0) return seconds > 0 ? update : { ignored: 'older' }
  if (isSame) return { ignored: 'same_state' }
  if (isCreation(update.asOf)) return { ignored: 'older' }
  if (isCreation(asOf) || isEndOfSecond(update.asOf)) return update
  return 'tie'
}

function secondOf(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

// See `asOf` where a subscription is read: the first millisecond of a second is its creation …
function isCreation(at: Date): boolean {
  return at.getTime() % 1000 === 0
}

// … and the last one is an object that was fetched after all events of that second.
function isEndOfSecond(at: Date): boolean {
  return at.getTime() % 1000 === 999
}

/** When an object was fetched: by Stripe's clock, and never before the event that caused the lookup. */
export function asOfLookup(stripeTime: Date, newestHeard: Date): Date {
  return secondOf(stripeTime) > secondOf(newestHeard)
    ? stripeTime
    : new Date(secondOf(newestHeard) * 1000 + 999)
}

export function isEnded({ status }: { status: string }): boolean {
  return status === 'canceled' || status === 'incomplete_expired'
}

/** With what follows from its payments: which period is paid, and whether its newest invoice is uncollectible. */
export function withPayments(
  state: SubscriptionState & Partial<Subscription>,
  payments: StoredPayment[],
  planItem: PlanItem | null = null,
): Omit<Subscription, 'version'> {
  const first = payments.find(({ payment_id }) => payment_id === state.subscription_id)
  const { version, ...rest } = state
  // After a restored backup payments may be missing that only the state reflects.
  const known = state.paid_until ? { start: state.paid_from ?? null, end: state.paid_until } : null
  const isAnyKnown = payments.some(({ period_end }) => period_end !== null)
  const paid = isAnyKnown ? paidPeriod(payments, planItem) : known
  return {
    ...rest,
    order_id: state.order_id ?? first?.order_id ?? null,
    paid_until: paid?.end ?? null,
    paid_from: paid?.start ?? null,
    uncollectible: isUncollectible(payments, paid?.end ?? null),
  }
}

/** An invoice of a later period that was paid or voided settles what was given up before. */
function isUncollectible(payments: StoredPayment[], paidUntil: string | null): boolean {
  const renewals = payments.filter(({ kind }) => kind === 'renewal')
  const voided = renewals.filter(({ invoice_status }) => invoice_status === 'void')
  const ends = [paidUntil, ...voided.map(({ period_end }) => period_end)]
  const settled =
    ends
      .flatMap((end) => end ?? [])
      .toSorted()
      .at(-1) ?? ''
  return renewals.some(
    (payment) =>
      payment.status === 'failed' &&
      isGivenUp(payment) &&
      payment.period_end !== null &&
      payment.period_end > settled,
  )
}

export function isSameSubscription(a: Subscription, b: Omit<Subscription, 'version'>): boolean {
  return JSON.stringify(inOrder({ ...a, version: 0 })) === JSON.stringify(inOrder({ ...b, version: 0 }))
}

function isSameState(known: Subscription, state: SubscriptionState): boolean {
  const { version, paid_until, paid_from, uncollectible } = known
  const order_id = state.order_id ?? known.order_id
  const paid = paid_from === undefined ? { paid_until } : { paid_until, paid_from }
  return isSameSubscription(known, { ...state, order_id, ...paid, ...{ version, uncollectible } })
}

function inOrder(object: object) {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))
}
