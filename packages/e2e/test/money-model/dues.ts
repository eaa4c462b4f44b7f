import type { Periods } from './periods.ts'
import { type Account, type Invoice, isOver, isUnderWay, type Subscription } from './stripe-environment.ts'

/** What a person has to be told of although the server runs, or stands still, as it is to; times in Unix seconds. */
export type Due = { since: number; knownSince: number; why: string }

const day = 86_400
/** What is older is not looked for. */
const shownS = 170 * day

type Options = { periods: Periods; graceS: number; isKnownPrice: (price: string) => boolean }

/** Watches the account, for when something changed is over when it counts. */
export function openDues(account: Account, { periods, graceS, isKnownPrice }: Options) {
  const { periodsOf, invoicesOf, takenOf, isUnderPause } = periods
  const changes = new Map<string, { items: string; at: number }>()
  account.onEvent(() => {
    for (const { id, items } of account.subscriptions.all()) {
      const now = items.data.map(({ price, quantity }) => `${price.id} ${quantity}`).join()
      if (changes.get(id)?.items !== now) changes.set(id, { items: now, at: account.seconds() })
    }
  })
  const changedAt = ({ id }: Subscription) => changes.get(id)?.at ?? 0

  // Of two that go on it is told that the order is paid twice.
  function untold(now: number): Due[] {
    const goingOn = account.subscriptions.all().filter((each) => !isOver(each))
    if (goingOn.length > 1) return []
    return goingOn
      .flatMap((each) => [...unpaid(each, now), ...uncharged(each, now), ...severalServers(each)])
      .filter(({ since }) => since <= now)
  }

  /** An invoice is open while a later period is paid, or is of a change of plan or an add-on. */
  function unpaid(subscription: Subscription, now: number): Due[] {
    const present = periodOf(subscription, now)
    const paidFrom = present?.start ?? 0
    return invoicesOf(subscription).flatMap((invoice, index): Due[] => {
      const { billing_reason: reason, created, due_date, id } = invoice
      const ends = periodsOf(subscription).filter((each) => each.invoice.id === id)
      const isOlder = ends.some(({ start }) => start < paidFrom)
      const isAsked = reason === 'subscription_update' || (reason === 'subscription_cycle' && isOlder)
      if (!isAsked || !isOpen(invoice) || (invoice.status === 'uncollectible' && isUnderPause(invoice)))
        return []
      if (!invoice.attempted && due_date === null) return []
      const end = Math.max(created, ...ends.map((each) => each.end))
      if (isUnderWay(account, invoice) || now > end + shownS) return []
      const knownSince = Math.max(created, present?.at ?? 0)
      const since = Math.max((due_date ?? created) + graceS, paidFrom, knownSince)
      return [{ since, knownSince, why: `its invoice ${index + 1} (${reason}) is not paid` }]
    })
  }

  /** Another plan since within the period, and neither an invoice charged the difference nor does the next one. */
  function uncharged(subscription: Subscription, now: number): Due[] {
    const present = newestOf(subscription, now)
    const [item] = subscription.items.data
    if (!item || present?.state !== 'good' || present.isPart || subscription.status !== 'active') return []
    const price = (item.price.unit_amount ?? 0) * (item.quantity ?? 1)
    if (present.price === item.price.id || present.amount >= price) return []
    const isOfChange = ({ lines, status }: Invoice) =>
      (status === 'paid' || status === 'open' || status === 'uncollectible') &&
      lines.data.some(
        (line) => line.amount > 0 && line.period.end === present.end && isOf(line, item.price.id),
      )
    if (invoicesOf(subscription).some((each) => each.id !== present.invoice.id && isOfChange(each))) return []
    if (pendingOf(subscription, item.price.id) > 0) return []
    const since = changedAt(subscription)
    return [{ since, knownSince: since, why: `${item.price.id} since then, charged by nothing` }]
  }

  function pendingOf({ id }: Subscription, price: string): number {
    const lines = account.pendingLines.filter(({ owner, line }) => owner === id && isOf(line, price))
    return lines.reduce((sum, { line }) => sum + line.amount, 0)
  }

  function severalServers(subscription: Subscription): Due[] {
    const plans = subscription.items.data.filter(({ price }) => price.metadata.plan)
    const isOne = plans.length < 2 && subscription.items.data.every(({ quantity }) => quantity === 1)
    const since = changedAt(subscription)
    return isOne ? [] : [{ since, knownSince: since, why: 'it charges for several servers' }]
  }

  /** Of a subscription that Stripe has given up: the customer has paid, and it stands still. */
  function paidInVain(stoodSince: number): Due[] {
    const given = account.subscriptions
      .all()
      .filter(({ status }) => status === 'unpaid' || status === 'paused')
    return given.flatMap((each) =>
      invoicesOf(each).flatMap(({ billing_reason: reason, status_transitions: { paid_at }, amount_paid }) =>
        reason === 'subscription_cycle' && amount_paid > 0 && (paid_at ?? 0) > stoodSince
          ? [{ since: paid_at ?? 0, knownSince: paid_at ?? 0, why: 'an invoice of it was paid since then' }]
          : [],
      ),
    )
  }

  /** Nothing is open, contested, given or other than it was sold: nobody has to be told of anything. */
  function areNone(now: number): boolean {
    if (account.refunds.size() > 0 || account.disputes.size() > 0) return false
    const [subscription, ...others] = account.subscriptions.all()
    if (!subscription) return true
    if (others.length > 0 || subscription.status !== 'active' || subscription.pause_collection) return false
    const invoices = invoicesOf(subscription)
    const isClean = invoices.every((each) => each.status === 'paid' && takenOf(each).state === 'good')
    const all = periodsOf(subscription)
    // What was put on the next invoice later is no proration of a change.
    if (account.pendingLines.some(({ at }) => at > changedAt(subscription))) return false
    const areSold = all.every(({ price }) => isKnownPrice(price))
    const [item] = subscription.items.data
    const present = periodOf(subscription, now)
    if (!isClean || !areSold || !item || !isKnownPrice(item.price.id) || present === undefined) return false
    return untold(Number.POSITIVE_INFINITY).length === 0 && uncharged(subscription, now).length === 0
  }

  function periodOf(subscription: Subscription, now: number) {
    return periodsOf(subscription).findLast(
      ({ start, end, state }) => start <= now && now < end && state === 'good',
    )
  }

  function newestOf(subscription: Subscription, now: number) {
    return periodsOf(subscription).findLast(({ start, end }) => start <= now && now < end)
  }

  return { untold, paidInVain, areNone }
}

type Line = Pick<Invoice['lines']['data'][number], 'pricing'>

function isOf({ pricing }: Line, price: string): boolean {
  return pricing?.price_details?.price === price
}

function isOpen({ status, amount_remaining }: Invoice): boolean {
  return (status === 'open' || status === 'uncollectible') && amount_remaining > 0
}
