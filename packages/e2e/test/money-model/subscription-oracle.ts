import { byMoney, type Period, type Periods, settledUntil } from './periods.ts'
import { type Account, type Invoice, isOver, isUnderWay, type Subscription } from './stripe-environment.ts'

/**
 * What a fair seller grants a customer at one moment, by what is true at Stripe; times in Unix seconds.
 * `paid`: the server is to run. `owed`: it runs until the grace is over, and not longer. `stopped`: it is not to run.
 * `unclear`: honest sellers differ; nothing is demanded, except that `isKept` forbids to delete it.
 */
export type Entitlement = {
  stand: 'paid' | 'owed' | 'stopped' | 'unclear'
  since: number
  why: string
  isKept?: boolean
  /** Nobody can know of it before what happened since then has arrived: another subscription began. */
  knownSince?: number
}

export type Terms = {
  graceS: number
  fullRefund: 'end' | 'suspend' | 'keep'
  /** Whether who pays a price of no plan may be suspended. */
  isUnderpaidStopped: boolean
}

/** Of one subscription alone. */
export type Stand = Entitlement & {
  subscription: Subscription
  /** The end of what was paid for. */
  goodUntil: number
  /** Its present period is a first one that costs nothing, until the date of its first full invoice. */
  isFree: boolean
  /** Some of its money went back or is contested. */
  isContested: boolean
}

type Options = {
  account: Account
  periods: Periods
  terms: Terms
  trialEnds: (subscription: string) => number[]
}

/** Whether a customer has paid for this moment by one subscription. */
export function openSubscriptionOracle({
  account,
  periods: { periodsOf, moneyOf, invoicesOf },
  terms,
  trialEnds,
}: Options) {
  const { graceS } = terms

  function standOf(subscription: Subscription, now: number): Stand {
    const periods = periodsOf(subscription)
    const invoices = invoicesOf(subscription)
    const goodUntil = Math.max(
      subscription.created,
      ...periods.filter(({ start }) => start <= now).map(settledUntil),
      ...trialEnds(subscription.id).filter((end) => end <= now),
    )
    const current = periods.filter(({ start, end }) => start <= now && now < end).at(-1)
    const found = find({ subscription, periods, invoices, goodUntil, current, now })
    const isCheap =
      periods.findLast(({ start, end }) => start <= now && end > now - graceS)?.price === 'price_cheap'
    const isInGrace = found.stand === 'owed' && now < found.since + graceS
    const isStoppable = terms.isUnderpaidStopped && isCheap && (found.stand === 'paid' || isInGrace)
    return {
      ...(isStoppable ? doubt(now, `it pays a price of no plan (${found.why})`) : found),
      subscription,
      goodUntil,
      isFree: current?.isFree ?? false,
      isContested: periods.some(({ state }) => takenBack.has(state)),
      // What was refunded is only suspended.
      ...(terms.fullRefund === 'suspend' && isRefundedLast({ periods, invoices, now })
        ? { isKept: true }
        : {}),
    }
  }

  function isRefundedLast({ periods, invoices, now }: Pick<Known, 'periods' | 'invoices' | 'now'>): boolean {
    const last = periods.findLast(({ start, state }) => start <= now && byMoney.has(state))
    return last?.state === 'refunded' && !invoices.some((each) => isKeptChange(each, last))
  }

  function find({ subscription, periods, invoices, goodUntil, current, now }: Known): Entitlement {
    const isChangeDoubtful = invoices.some((each) => isOpenChange(each) || isContestedChange(each))
    if (isOver(subscription))
      return ofEnded(subscription, { goodUntil, now, current: isChangeDoubtful ? undefined : current })
    const badly = current && ofBadPeriod(current)
    if (current?.state === 'refunded' && invoices.some((each) => isKeptChange(each, current)))
      return doubt(now, 'its period was refunded, and a paid change within it was not')
    if (badly && subscription.status === 'trialing')
      return doubt(now, `it is on trial, and of what was charged then: ${badly.why}`)
    if (badly?.stand === 'stopped' || badly?.stand === 'unclear') return badly
    if (periods.some((each) => each !== current && (each.state === 'disputed' || each.state === 'returning')))
      return { stand: 'unclear', since: now, why: 'an earlier period is disputed' }
    if (badly)
      return isReturnedAgain(periods, badly.since, now)
        ? doubt(now, 'another debit was returned later')
        : badly
    const paidBefore = periods.findLast(({ start, state }) => start <= now && byMoney.has(state))
    const isForgiven = current?.state === 'forgiven' || subscription.pause_collection !== null
    if (isForgiven && paidBefore && paidBefore.state !== 'good')
      return {
        stand: 'unclear',
        since: now,
        why: `forgiven, and the last period that was paid is ${paidBefore.state}`,
      }
    if (subscription.pause_collection && invoices.some(isContestedChange))
      return doubt(now, 'collection is paused, and the money of a change of plan is contested')
    if (subscription.pause_collection)
      return { stand: 'paid', since: now, why: 'the seller has paused the collection' }
    if (subscription.trial_end !== null && now < subscription.trial_end)
      return subscription.status === 'trialing' && invoices[0]?.status === 'paid'
        ? { stand: 'paid', since: now, why: 'its trial runs' }
        : { stand: 'unclear', since: now, why: `${subscription.status} within its trial` }
    const forgiven = periods.findLast(({ start, state }) => start <= now && state === 'forgiven')
    const isOfForgiven = forgiven !== undefined && now < forgiven.end + graceS && current?.state !== 'good'
    if (isOfForgiven && periods.some((each) => each.state === 'asked' && each.start < forgiven.start))
      return doubt(now, 'its last period is forgiven, and an earlier one is still asked for')
    if (current?.state === 'good' || current?.state === 'forgiven')
      return ofPaidPeriod(current, { subscription, invoices, now })
    const isActive = subscription.status === 'active' || subscription.status === 'trialing'
    if (
      current &&
      isActive &&
      goodUntil >= current.start &&
      isFirstDebit(current) &&
      paidBefore?.state === 'good' &&
      !invoices.some((each) => isContestedChange(each) && each.created >= paidBefore.start)
    )
      return { stand: 'paid', since: now, why: 'a bank debit is under way' }
    const asked = periods.filter((each) => each.start <= now && each.end > goodUntil && isAsked(each))
    const due = Math.min(...asked.map(({ invoice, start }) => invoice.due_date ?? start))
    if (isActive && asked.length > 0 && now < due && asked.every(({ state }) => state === 'asked'))
      return paidBefore && paidBefore.state !== 'good'
        ? doubt(
            now,
            `its invoice is not due yet, and the money of the last paid period is ${paidBefore.state}`,
          )
        : { stand: 'paid', since: now, why: 'its invoice is not due yet' }
    if (asked.length > 0 && goodUntil < due)
      return { ...ofUnpaid(current, { subscription, invoices, paidBefore, goodUntil: due, now }) }
    return ofUnpaid(current, { subscription, invoices, paidBefore, goodUntil, now })
  }

  function ofPaidPeriod(
    current: Period,
    { subscription, invoices, now }: Pick<Known, 'subscription' | 'invoices' | 'now'>,
  ): Entitlement {
    const unclear = (why: string): Entitlement => ({ stand: 'unclear', since: now, why })
    if (invoices.some((each) => isOpenChange(each) || isContestedChange(each)))
      return unclear('its period is paid, and a change of plan is not')
    const { status } = subscription
    const isForgivenAndLate = current.state === 'forgiven' && status === 'past_due'
    const isStopped = status === 'unpaid' || status === 'paused' || isForgivenAndLate
    if (isStopped) return unclear(`its period is ${current.state}, and its subscription ${status}`)
    return {
      stand: 'paid',
      since: now,
      why: `its period is ${current.state === 'good' ? 'paid' : 'forgiven'}`,
    }
  }

  function ofUnpaid(
    current: Period | undefined,
    {
      subscription,
      invoices,
      paidBefore,
      goodUntil,
      now,
    }: Omit<Known, 'periods' | 'current'> & { paidBefore: Period | undefined },
  ): Entitlement {
    const { status } = subscription
    const owed: Entitlement = {
      stand: 'owed',
      since: goodUntil,
      why: `nothing is paid since then: ${status}, invoice ${current?.invoice.status ?? 'none'}`,
    }
    const isInGrace = now < goodUntil + graceS
    const isGivenUp = current?.state === 'given-up' || status === 'unpaid' || status === 'paused'
    if (isInGrace && paidBefore && takenBack.has(paidBefore.state))
      return {
        stand: 'unclear',
        since: now,
        why: `the money of its last paid period is ${paidBefore.state}, and the next is not paid yet`,
      }
    if (isInGrace && isGivenUp) return { stand: 'unclear', since: now, why: 'given up within its grace' }
    if (invoices.some((invoice) => isUnpaid(invoice) && isProcessing(invoice)))
      return { stand: 'unclear', since: now, why: 'a bank debit is under way, and something else is owed' }
    if (!current && now > goodUntil + 7_200 && (status === 'active' || status === 'trialing'))
      return { stand: 'unclear', since: now, why: 'active, and no invoice asks for this period' }
    if (current && current.invoice.billing_reason === 'subscription_update')
      return { stand: 'unclear', since: now, why: 'a change that began a new period is not paid' }
    return owed
  }

  function isReturnedAgain(periods: Period[], since: number, now: number): boolean {
    return periods.some(({ state, at }) => state === 'returned' && at > since && now < at + graceS)
  }

  function isContestedChange(invoice: Invoice): boolean {
    return (
      invoice.billing_reason === 'subscription_update' &&
      invoice.status === 'paid' &&
      moneyOf(invoice).state !== 'good'
    )
  }

  function isKeptChange(invoice: Invoice, { end }: Period): boolean {
    const isOfPeriod = invoice.lines.data.some(({ amount, period }) => amount > 0 && period.end === end)
    const isPaidChange = invoice.billing_reason === 'subscription_update' && invoice.status === 'paid'
    return isPaidChange && isOfPeriod && invoice.amount_paid > 0 && moneyOf(invoice).state === 'good'
  }

  function isFirstDebit({ state, invoice }: Period): boolean {
    return state === 'asked' && invoice.attempt_count <= 1 && isProcessing(invoice)
  }

  function isAsked({ state }: Period): boolean {
    return state === 'asked' || state === 'given-up'
  }

  function isProcessing(invoice: Invoice): boolean {
    return isUnderWay(account, invoice)
  }

  return { standOf }
}

type Known = {
  subscription: Subscription
  periods: Period[]
  invoices: readonly Invoice[]
  goodUntil: number
  current: Period | undefined
  now: number
}

function doubt(since: number, why: string): Entitlement {
  return { stand: 'unclear', since, why }
}

const takenBack: ReadonlySet<Period['state']> = new Set(['refunded', 'refunding', 'disputed', 'lost'])

function ofBadPeriod({ state, at }: Period): Entitlement | null {
  switch (state) {
    case 'refunded':
      return { stand: 'stopped', since: at, why: 'all the money of its period went back' }
    case 'disputed':
      return { stand: 'stopped', since: at, why: 'the bank holds the money of its period' }
    case 'lost':
      return { stand: 'stopped', since: at, why: 'the bank took the money of its period' }
    case 'returned':
      return { stand: 'owed', since: at, why: 'the bank returned the debit of its period' }
    case 'returning':
    case 'refunding':
      return { stand: 'unclear', since: at, why: `its money is ${state}` }
    default:
      return null
  }
}

function ofEnded(
  { status, ended_at, cancellation_details }: Subscription,
  { goodUntil, now, current }: { goodUntil: number; now: number; current: Period | undefined },
): Entitlement {
  if (current?.state === 'good' && current.at > (ended_at ?? 0))
    return { stand: 'paid', since: current.at, why: 'its period was paid after its subscription had ended' }
  const isAsked = cancellation_details?.reason === 'cancellation_requested'
  if (status === 'canceled' && current?.state === 'good' && !isAsked)
    return { stand: 'paid', since: now, why: 'its period is paid, and an invoice of another one ended it' }
  if (status === 'canceled' && now < goodUntil)
    return { stand: 'unclear', since: now, why: 'cancelled at once, before the end of what is paid' }
  return { stand: 'stopped', since: Math.max(ended_at ?? 0, goodUntil), why: 'its subscription has ended' }
}

function isOpenChange({ billing_reason, status, amount_due }: Invoice): boolean {
  return (
    billing_reason === 'subscription_update' &&
    (status === 'open' || status === 'uncollectible') &&
    amount_due > 0
  )
}

function isUnpaid({ status }: Invoice): boolean {
  return status === 'open' || status === 'uncollectible'
}
