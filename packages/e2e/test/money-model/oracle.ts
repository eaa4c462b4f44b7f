import type { Account, Invoice, Subscription } from './stripe-world.ts'

/**
 * What a fair seller would say of a customer at one moment, by what is true at Stripe; times in Unix seconds.
 * `paid`: the server is to run. `owed`: it runs until the grace is over, and not longer. `stopped`: it is not to run.
 * `unclear`: honest sellers differ; nothing is demanded.
 */
export type Verdict = { stand: 'paid' | 'owed' | 'stopped' | 'unclear'; since: number; why: string }

/** What a period of the plan's own item is worth: the money of its invoice, or what became of that. */
type Period = {
  start: number
  end: number
  invoice: Invoice
  state:
    | 'good'
    | 'forgiven'
    | 'refunded'
    | 'refunding'
    | 'disputed'
    | 'lost'
    | 'returned'
    | 'returning'
    | 'asked'
    | 'given-up'
    | 'draft'
  /** Since when it is in that state. */
  at: number
}

export type Terms = { graceS: number }

/** Watches the account, for some of the truth is over when it counts: whether collection was paused when an invoice was made. */
export function openOracle(account: Account, { graceS }: Terms) {
  const underPause = new Set<string>()
  const trials: { end: number }[] = []
  let lastPaidAt = 0
  let priced = { price: '', since: 0 }
  account.onEvent(({ type, data }) => {
    const subscription = account.subscriptions.all()[0]
    const price = subscription?.items.data[0]?.price.id ?? ''
    if (price !== priced.price) priced = { price, since: account.seconds() }
    const isPaused = Boolean(subscription?.pause_collection)
    if (type.startsWith('invoice.') && isPaused) underPause.add(String((data.object as Invoice).id))
    if (subscription?.trial_end && subscription.trial_end !== trials.at(-1)?.end)
      trials.push({ end: subscription.trial_end })
  })

  function verdict(): Verdict {
    const now = account.seconds()
    const found = find(now)
    if (found.stand === 'paid') lastPaidAt = now
    if (found.stand === 'owed' && found.since < lastPaidAt && now < lastPaidAt + graceS)
      return { stand: 'unclear', since: now, why: `nothing was late a moment ago (${found.why})` }
    return found
  }

  function find(now: number): Verdict {
    const subscription = account.subscriptions.all()[0]
    if (!subscription) return { stand: 'stopped', since: now, why: 'nothing was bought' }
    const periods = periodsOf(subscription)
    const goodUntil = Math.max(
      subscription.created,
      ...periods.filter(({ start }) => start <= now).map(settledUntil),
      ...trials.filter(({ end }) => end <= now).map(({ end }) => end),
    )
    if (isOver(subscription)) return ofEnded(subscription, { goodUntil, now })
    const current = periods.filter(({ start, end }) => start <= now && now < end).at(-1)
    const badly = current && ofBadPeriod(current)
    if (badly?.stand === 'stopped' || badly?.stand === 'unclear') return badly
    if (periods.some((each) => each !== current && (each.state === 'disputed' || each.state === 'returning')))
      return { stand: 'unclear', since: now, why: 'an earlier period is disputed' }
    if (badly) return badly
    const paidBefore = periods.findLast(({ start, state }) => start <= now && byMoney.has(state))
    const isForgiven = current?.state === 'forgiven' || subscription.pause_collection !== null
    if (isForgiven && paidBefore && paidBefore.state !== 'good')
      return {
        stand: 'unclear',
        since: now,
        why: `forgiven, and the last period that was paid is ${paidBefore.state}`,
      }
    if (subscription.pause_collection)
      return { stand: 'paid', since: now, why: 'the seller has paused the collection' }
    if (subscription.trial_end !== null && now < subscription.trial_end)
      return subscription.status === 'trialing'
        ? { stand: 'paid', since: now, why: 'its trial runs' }
        : { stand: 'unclear', since: now, why: `${subscription.status} within its trial` }
    if (current?.state === 'good' || current?.state === 'forgiven')
      return ofPaidPeriod(current, { subscription, now })
    const last = periods.findLast(({ end }) => end <= now)
    return ofUnpaid(current, { subscription, last, goodUntil, now })
  }

  let known: { size: number; periods: Period[] } = { size: -1, periods: [] }

  // Whatever changes at Stripe leaves an event behind.
  function periodsOf(subscription: Subscription): Period[] {
    const size = account.events.size()
    if (known.size !== size) known = { size, periods: readPeriods(subscription) }
    return known.periods
  }

  function readPeriods(subscription: Subscription): Period[] {
    const item = subscription.items.data[0]?.id
    const periods = account.invoices
      .all()
      .filter((invoice) => invoice.parent?.subscription_details?.subscription === subscription.id)
      .flatMap((invoice) =>
        invoice.lines.data
          .filter(({ parent }) => parent?.subscription_item_details?.subscription_item === item)
          .filter(({ parent }) => parent?.subscription_item_details?.proration === false)
          .map(({ period }): Period => ({ ...period, invoice, ...stateOf(invoice) })),
      )
      .sort((a, b) => a.start - b.start)
    return periods.map((period, index) => cut(period, periods.slice(index + 1)))
  }

  // A change that begins a new period and is paid ends the old one: its unused time was credited.
  function cut(period: Period, later: Period[]): Period {
    const restart = later.find(
      ({ start, invoice, state }) =>
        invoice.billing_reason === 'subscription_update' && start < period.end && byMoney.has(state),
    )
    return restart ? { ...period, end: restart.start } : period
  }

  function stateOf(invoice: Invoice): Pick<Period, 'state' | 'at'> {
    const { status, created, status_transitions: times } = invoice
    if (status === 'paid') return ofMoney(invoice)
    if (status === 'void') return { state: 'forgiven', at: times.voided_at ?? created }
    if (status === 'draft') return { state: underPause.has(invoice.id) ? 'forgiven' : 'draft', at: created }
    if (status === 'uncollectible')
      return {
        state: underPause.has(invoice.id) ? 'forgiven' : 'given-up',
        at: times.marked_uncollectible_at ?? created,
      }
    return { state: 'asked', at: created }
  }

  function ofMoney(invoice: Invoice): Pick<Period, 'state' | 'at'> {
    const good = { state: 'good', at: invoice.status_transitions.paid_at ?? invoice.created } as const
    const charge = chargeOf(account, invoice)
    if (!charge) return good
    const dispute = account.disputes.all().findLast((each) => each.charge === charge.id)
    const isReturn = dispute !== undefined && returnReasons.has(dispute.reason)
    if (dispute?.status === 'lost') return { state: isReturn ? 'returned' : 'lost', at: dispute.created }
    if (dispute?.status === 'needs_response' || dispute?.status === 'under_review')
      return { state: isReturn ? 'returning' : 'disputed', at: dispute.created }
    const refunds = account.refunds.all().filter((refund) => refund.charge === charge.id)
    const sumOf = (status: string) =>
      refunds.filter((refund) => refund.status === status).reduce((sum, { amount }) => sum + amount, 0)
    if (sumOf('succeeded') >= charge.amount) return { state: 'refunded', at: refunds.at(-1)?.created ?? 0 }
    if (sumOf('succeeded') + sumOf('pending') >= charge.amount)
      return { state: 'refunding', at: refunds.at(-1)?.created ?? 0 }
    return good
  }

  function ofPaidPeriod(
    current: Period,
    { subscription, now }: { subscription: Subscription; now: number },
  ): Verdict {
    const unclear = (why: string): Verdict => ({ stand: 'unclear', since: now, why })
    if (account.invoices.all().some((invoice) => isOpenChange(invoice) || isContestedChange(invoice)))
      return unclear('its period is paid, and a change of plan is not')
    const isStopped = subscription.status === 'unpaid' || subscription.status === 'paused'
    if (isStopped)
      return unclear(`its period is ${current.state}, and its subscription ${subscription.status}`)
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
      last,
      goodUntil,
      now,
    }: { subscription: Subscription; last: Period | undefined; goodUntil: number; now: number },
  ): Verdict {
    const { status } = subscription
    const owed: Verdict = {
      stand: 'owed',
      since: goodUntil,
      why: `nothing is paid since then: ${status}, invoice ${current?.invoice.status ?? 'none'}`,
    }
    const isInGrace = now < goodUntil + graceS
    const isGivenUp = current?.state === 'given-up' || status === 'unpaid' || status === 'paused'
    if (isInGrace && last && ['refunded', 'refunding', 'disputed', 'lost'].includes(last.state))
      return {
        stand: 'unclear',
        since: now,
        why: `the money of its last period is ${last.state}, and the next is not paid yet`,
      }
    if (isInGrace && isGivenUp) return { stand: 'unclear', since: now, why: 'given up within its grace' }
    if (current && goodUntil >= current.start && isFirstDebit(current) && last?.state !== 'returned')
      return { stand: 'paid', since: now, why: 'a bank debit is under way' }
    if (account.invoices.all().some((invoice) => invoice.status === 'open' && isProcessing(invoice)))
      return { stand: 'unclear', since: now, why: 'a bank debit is under way, and something else is owed' }
    if (!current && now > goodUntil + 7_200 && (status === 'active' || status === 'trialing'))
      return { stand: 'unclear', since: now, why: 'active, and no invoice asks for this period' }
    if (current && current.invoice.billing_reason === 'subscription_update')
      return { stand: 'unclear', since: now, why: 'a change that began a new period is not paid' }
    return owed
  }

  function isContestedChange(invoice: Invoice): boolean {
    return (
      invoice.billing_reason === 'subscription_update' &&
      invoice.status === 'paid' &&
      ofMoney(invoice).state !== 'good'
    )
  }

  function isFirstDebit({ state, invoice }: Period): boolean {
    return state === 'asked' && invoice.attempt_count <= 1 && isProcessing(invoice)
  }

  function isProcessing({ id }: Invoice): boolean {
    const paying = account.invoicePayments.all().findLast(({ invoice }) => invoice === id)
    return account.paymentIntents.get(String(paying?.payment.payment_intent))?.status === 'processing'
  }

  return {
    verdict,
    /** What its customer pays for, and since when; no plan: a price that nobody knows. */
    pricing: () => ({ plan: planOfPrice[priced.price] ?? null, since: priced.since }),
  }
}

const planOfPrice: Record<string, string> = {
  price_monthly: 'monthly',
  price_large: 'large',
  price_spelled: 'large',
  price_yearly: 'yearly',
}

const byMoney: ReadonlySet<Period['state']> = new Set([
  'good',
  'refunded',
  'refunding',
  'disputed',
  'lost',
  'returned',
  'returning',
])

const returnReasons = new Set([
  'insufficient_funds',
  'incorrect_account_details',
  'bank_cannot_process',
  'debit_not_authorized',
])

/** Until when nobody is owed anything because of it: what was given back of a past period is no debt. */
function settledUntil({ state, end, at }: Period): number {
  switch (state) {
    case 'asked':
    case 'given-up':
    case 'draft':
      return 0
    case 'returned':
    case 'returning':
      return Math.min(at, end)
    default:
      return end
  }
}

function ofBadPeriod({ state, at }: Period): Verdict | null {
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
  { status, ended_at }: Subscription,
  { goodUntil, now }: { goodUntil: number; now: number },
): Verdict {
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

function isOver({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired'
}

function chargeOf(account: Account, { id }: Invoice) {
  const paying = account.invoicePayments
    .all()
    .findLast(({ invoice, status }) => invoice === id && status === 'paid')
  const intent = account.paymentIntents.get(String(paying?.payment.payment_intent))
  return account.charges.get(String(intent?.latest_charge))
}
