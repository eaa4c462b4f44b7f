import { type Account, chargesOf, type Invoice, type Subscription } from './stripe-environment.ts'

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
  /** What its line charges, in minor units. */
  amount: number
  price: string
  /** Of a month that began before: its first invoice is prorated. */
  isPart: boolean
  /** A first period until the date of the first full invoice, which costs nothing. */
  isFree: boolean
}

export type Periods = ReturnType<typeof openPeriods>

/** Watches the account, for whether collection was paused when an invoice was made is over when it counts. */
export function openPeriods(account: Account, { isRefundKept }: { isRefundKept: boolean }) {
  const underPause = new Set<string>()
  account.onEvent(({ type, data }) => {
    if (!type.startsWith('invoice.')) return
    const { id, parent } = data.object as Invoice
    const subscription = account.subscriptions.get(String(parent?.subscription_details?.subscription))
    if (subscription?.pause_collection) underPause.add(String(id))
  })

  type Known = { invoices: Invoice[]; periods: Period[] }
  let known = new Map<string, Known>()
  let size = -1

  // Whatever changes at Stripe leaves an event behind.
  function knownOf(subscription: Subscription): Known {
    if (size !== account.events.size()) known = new Map()
    size = account.events.size()
    const before = known.get(subscription.id)
    if (before) return before
    const { id } = subscription
    const invoices = account.invoices
      .all()
      .filter(({ parent }) => parent?.subscription_details?.subscription === id)
    const read = { invoices, periods: readPeriods(subscription, invoices) }
    known.set(id, read)
    return read
  }

  function readPeriods(subscription: Subscription, invoices: Invoice[]): Period[] {
    const item = subscription.items.data[0]?.id
    const periods = invoices
      .flatMap((invoice) => {
        const isFirst = invoice.billing_reason === 'subscription_create'
        return invoice.lines.data
          .filter(({ parent }) => parent?.subscription_item_details?.subscription_item === item)
          .map((line) => ({ ...line, isPart: line.parent?.subscription_item_details?.proration === true }))
          .filter(({ isPart }) => isFirst || !isPart)
          .map(({ period, amount, isPart, pricing }): Period => {
            const price = String(pricing?.price_details?.price)
            const isFree = isPart && amount === 0
            return { ...period, amount, price, isPart, isFree, invoice, ...stateOf(invoice) }
          })
      })
      .sort((a, b) => a.start - b.start)
    return periods.map((period, index) => cut(period, periods.slice(index + 1)))
  }

  // A paid period that begins within another one ends it: its interval was changed. What was given ends with any such change.
  function cut(period: Period, later: Period[]): Period {
    const isChange = ({ invoice }: Period) => invoice.billing_reason === 'subscription_update'
    const restart = later.find(
      (next) =>
        next.start < period.end &&
        (byMoney.has(next.state) || (isChange(next) && period.state === 'forgiven')),
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

  /** In money: what banks and refunds took of all that was charged for it. A seller who keeps the server for a refund gives it. */
  function moneyOf(invoice: Invoice): Pick<Period, 'state' | 'at'> {
    return given(takenOf(invoice), paidAt(invoice))
  }

  function given({ state, at }: Pick<Period, 'state' | 'at'>, paid: number): Pick<Period, 'state' | 'at'> {
    const isGiven = isRefundKept && (state === 'refunded' || state === 'refunding')
    return isGiven ? { state: 'good', at: paid } : { state, at }
  }

  function takenOf(invoice: Invoice): Pick<Period, 'state' | 'at'> {
    return takenOfCharges(chargesOf(account, invoice), paidAt(invoice))
  }

  function takenOfCharges(charges: readonly Charge[], paid: number): Pick<Period, 'state' | 'at'> {
    const good = { state: 'good', at: paid } as const
    const ids = charges.map(({ id }) => id)
    const charged = sumOf(charges)
    if (charged === 0) return good
    const disputes = account.disputes.all().filter(({ charge }) => ids.includes(String(charge)))
    const refunds = account.refunds.all().filter(({ charge }) => ids.includes(String(charge)))
    const isReturn = ({ reason }: (typeof disputes)[number]) => returnReasons.has(reason)
    const isOpen = ({ status }: (typeof disputes)[number]) =>
      status === 'needs_response' || status === 'under_review'
    const lost = disputes.filter((each) => each.status === 'lost' && !isReturn(each))
    const open = disputes.filter((each) => isOpen(each) && !isReturn(each))
    const returned = disputes.filter((each) => each.status === 'lost' && isReturn(each))
    const returning = disputes.filter((each) => isOpen(each) && isReturn(each))
    const refunded = refunds.filter(({ status }) => status === 'succeeded')
    const refunding = refunds.filter(({ status }) => status === 'pending')
    const at = Math.max(0, ...[...disputes, ...refunds].map(({ created }) => created))
    const isAll = (...moves: { amount: number }[][]) => sumOf(moves.flat()) >= charged
    if (lost.length > 0 && isAll(lost, refunded, returned)) return { state: 'lost', at }
    if (open.length > 0 && isAll(open, lost, refunded, returned)) return { state: 'disputed', at }
    if (returned.length > 0 && isAll(returned, refunded)) return { state: 'returned', at }
    if (isAll(refunded)) return { state: 'refunded', at }
    if (isAll(refunded, refunding)) return { state: 'refunding', at }
    if (returning.length > 0 && isAll(returning, returned, refunded)) return { state: 'returning', at }
    return isAll(...[lost, open, returned, returning, refunded, refunding])
      ? { state: 'refunding', at }
      : good
  }

  return {
    periodsOf: (subscription: Subscription) => knownOf(subscription).periods,
    invoicesOf: (subscription: Subscription): readonly Invoice[] => knownOf(subscription).invoices,
    moneyOf,
    takenOf,
    /** Of what was paid once. */
    stateOfCharge(id: string): Pick<Period, 'state' | 'at'> {
      const charge = account.charges.get(id)
      return charge
        ? given(takenOfCharges([charge], charge.created), charge.created)
        : { state: 'asked', at: 0 }
    },
    isUnderPause: ({ id }: Invoice) => underPause.has(id),
  }
}

type Charge = ReturnType<typeof chargesOf>[number]

function paidAt({ status_transitions: { paid_at }, created }: Invoice): number {
  return paid_at ?? created
}

function sumOf(moves: readonly { amount: number }[]): number {
  return moves.reduce((sum, { amount }) => sum + amount, 0)
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
