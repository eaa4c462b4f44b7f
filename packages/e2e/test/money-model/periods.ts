import { type Account, chargeOf, type Invoice, type Subscription } from './stripe-environment.ts'

/** What a period of the plan's own item is worth: the money of its invoice, or what became of that. */
export type Period = {
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

/** Watches the account, for whether collection was paused when an invoice was made is over when it counts. */
export function openPeriods(account: Account) {
  const underPause = new Set<string>()
  account.onEvent(({ type, data }) => {
    const isPaused = Boolean(account.subscriptions.all()[0]?.pause_collection)
    if (isPaused && type.startsWith('invoice.')) underPause.add(String((data.object as Invoice).id))
  })

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

  // A change that begins a new period and is paid ends the old one: its unused time was credited. What was given ends anyway.
  function cut(period: Period, later: Period[]): Period {
    const restart = later.find(
      ({ start, invoice, state }) =>
        invoice.billing_reason === 'subscription_update' &&
        start < period.end &&
        (byMoney.has(state) || period.state === 'forgiven'),
    )
    return restart ? { ...period, end: restart.start } : period
  }

  function stateOf(invoice: Invoice): Pick<Period, 'state' | 'at'> {
    const { status, created, status_transitions: times } = invoice
    if (status === 'paid') return moneyOf(invoice)
    if (status === 'void') return { state: 'forgiven', at: times.voided_at ?? created }
    if (status === 'draft') return { state: underPause.has(invoice.id) ? 'forgiven' : 'draft', at: created }
    if (status === 'uncollectible')
      return {
        state: underPause.has(invoice.id) ? 'forgiven' : 'given-up',
        at: times.marked_uncollectible_at ?? created,
      }
    return { state: 'asked', at: created }
  }

  function moneyOf(invoice: Invoice): Pick<Period, 'state' | 'at'> {
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

  return { periodsOf, moneyOf }
}

/** What came in, whatever became of it since. */
export const byMoney: ReadonlySet<Period['state']> = new Set([
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
export function settledUntil({ state, end, at }: Period): number {
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
