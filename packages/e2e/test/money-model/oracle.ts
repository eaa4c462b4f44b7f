import { openDues } from './dues.ts'
import { openPeriods } from './periods.ts'
import { type Account, isOver, newestOf } from './stripe-environment.ts'
import { type Entitlement, openSubscriptionOracle, type Stand, type Terms } from './subscription-oracle.ts'

export type { Entitlement } from './subscription-oracle.ts'

/** Watches the account, for some of the truth is over when it counts. */
export function openOracle(account: Account, terms: Terms) {
  const { graceS } = terms
  const trials = new Map<string, number[]>()
  const periods = openPeriods(account, { isRefundKept: terms.fullRefund === 'keep' })
  const trialEnds = (id: string) => trials.get(id) ?? []
  const { standOf } = openSubscriptionOracle({ account, periods, terms, trialEnds })
  const dues = openDues(account, {
    periods,
    graceS,
    isKnownPrice: (price) => planOfPrice[price] !== undefined,
  })
  let lastPaidAt = 0
  let priced = { price: '', since: 0 }
  account.onEvent(() => {
    const subscription = newestOf(account.subscriptions.all())
    if (!subscription) return
    const { id, trial_end } = subscription
    const price = subscription.items.data[0]?.price.id ?? ''
    if (price !== priced.price) priced = { price, since: account.seconds() }
    const ends = trialEnds(id)
    if (trial_end && trial_end !== ends.at(-1)) trials.set(id, [...ends, trial_end])
  })

  function entitlement(): Entitlement {
    const now = account.seconds()
    const found = find(now)
    if (found.stand === 'paid') lastPaidAt = now
    if (found.stand === 'owed' && found.since < lastPaidAt && now < lastPaidAt + graceS)
      return { stand: 'unclear', since: now, why: `nothing was late a moment ago (${found.why})` }
    return found
  }

  function find(now: number): Entitlement {
    const subscriptions = account.subscriptions.all()
    if (subscriptions.length === 0) return ofOneSale(now)
    return combined(
      subscriptions.map((each) => standOf(each, now)),
      { now, graceS },
    )
  }

  /** Paid once, for good: the money of its page. */
  function ofOneSale(now: number): Entitlement {
    const [session] = account.sessions.all()
    const intent = account.paymentIntents.get(String(session?.payment_intent))
    if (!session || intent?.status !== 'succeeded')
      return { stand: 'stopped', since: now, why: 'nothing was paid' }
    const { state, at } = periods.stateOfCharge(String(intent.latest_charge))
    switch (state) {
      case 'good':
        return { stand: 'paid', since: now, why: 'it was paid once' }
      case 'refunding':
      case 'returning':
        return { stand: 'unclear', since: at, why: `its money is ${state}` }
      case 'returned':
        return { stand: 'owed', since: at, why: 'the bank returned its debit' }
      default:
        return {
          stand: 'stopped',
          since: at,
          why: `its money is ${state}`,
          ...(state === 'refunded' && terms.fullRefund === 'suspend' ? { isKept: true } : {}),
        }
    }
  }

  return {
    entitlement,
    /** What its customer pays for, and since when; no plan: a price that nobody knows. Null where that is of several subscriptions. */
    pricing() {
      const [newest, ...others] = account.subscriptions.all().filter((each) => !isOver(each))
      if (!newest || others.length > 0) return null
      const [first] = periods.invoicesOf(newest)
      const paidAt = first?.status === 'paid' ? (first.status_transitions.paid_at ?? 0) : null
      if (paidAt === null && account.subscriptions.size() > 1) return null
      // Another one stood before it until it had ended.
      const ends = account.subscriptions.all().map(({ ended_at }) => ended_at ?? 0)
      return { plan: planOfPrice[priced.price] ?? null, since: Math.max(priced.since, paidAt ?? 0, ...ends) }
    },
    dues,
  }
}

const planOfPrice: Record<string, string> = {
  price_monthly: 'monthly',
  price_raised: 'monthly',
  price_large: 'large',
  price_spelled: 'large',
  price_yearly: 'yearly',
}

/** By all subscriptions that name the order. */
function combined(stands: Stand[], { now, graceS }: { now: number; graceS: number }): Entitlement {
  const [only] = stands
  if (stands.length === 1 && only) return only
  const paying = stands.filter((each) => isPaying(each, now) && isCovered(each, stands, now))
  const isDoubtful = (each: Stand) => !paying.includes(each) && !isOver(each.subscription)
  const [first] = paying
  const newest = stands.at(-1)
  if (first && newest && !paying.includes(newest) && isOver(newest.subscription))
    return doubt(now, 'one of its subscriptions is paid, and a newer one has ended')
  const knownSince = Math.min(...paying.map(({ subscription }) => subscription.created))
  if (first && !stands.some(isDoubtful)) return { ...first, isKept: true, knownSince }
  if (first) {
    const why = 'one of its subscriptions is paid, and another goes on'
    return { ...doubt(now, why), isKept: true, knownSince }
  }
  if (stands.some(({ stand }) => stand === 'unclear' || stand === 'paid'))
    return doubt(now, 'one of its subscriptions is unclear')
  const owed = stands.findLast(({ stand }) => stand === 'owed')
  const since = Math.max(...stands.map((each) => each.since))
  if (!owed) return { stand: 'stopped', since, why: 'all its subscriptions have ended' }
  const hasPaid = owed.goodUntil > owed.subscription.created
  if (!hasPaid || stands.some((each) => each !== owed && each.isContested))
    return doubt(now, 'another subscription of it began, and is not paid')
  if (stands.filter((each) => !isOver(each.subscription)).length > 1 && now < since + graceS)
    return doubt(now, 'two of its subscriptions are not paid, each since another day')
  // What is left of a time that somebody ended at once gives no grace of its own.
  if (now >= owed.since + graceS && now < since + graceS)
    return doubt(now, 'its subscription is not paid, and the one before had ended in a paid period')
  return { ...owed, since }
}

/** Where collection is paused nobody pays: of several subscriptions that one counts for nothing. */
function isPaying({ stand, goodUntil, subscription: { status } }: Stand, now: number): boolean {
  return stand === 'paid' && (goodUntil > now || status === 'active' || status === 'trialing')
}

/** Time that costs nothing is paid for where another subscription has paid for it. */
function isCovered({ isFree, subscription }: Stand, stands: Stand[], now: number): boolean {
  const isOther = (each: Stand) => each.subscription.id !== subscription.id
  return !isFree || stands.some((each) => isOther(each) && each.goodUntil > now && !each.isContested)
}

function doubt(since: number, why: string): Entitlement {
  return { stand: 'unclear', since, why }
}
