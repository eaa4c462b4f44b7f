import {
  type Invoice,
  isOver,
  movesOf,
  type StripeEnvironment,
  type Subscription,
  shown,
} from './stripe-environment.ts'

export type StripeApi = ReturnType<typeof openStripeApi>
type Options = {
  call: (method: 'POST' | 'DELETE', path: string, params: object, then: () => void) => void
}

const hour = 3_600

/** What the product may ask Stripe, as Stripe answers it. Lists are read to their end. */
export function openStripeApi({ stripe, account }: StripeEnvironment, { call }: Options) {
  const expand = expander(account)
  const whole = (invoice: Invoice | undefined) => invoice && expand(invoice).whole

  return {
    now: () => new Date(stripe.now()),
    subscription: (id: string): Subscription | undefined => account.subscriptions.get(id),
    /** Those that have not ended, of the same customer and order. */
    othersOf: (id: string): Subscription[] =>
      account.subscriptions.all().filter((other) => {
        const own = account.subscriptions.get(id)
        const isSame = other.customer === own?.customer && other.metadata.order_id === own.metadata.order_id
        return isSame && other.id !== id && !isOver(other)
      }),
    /** With all its lines, and with what is under way for it. */
    invoice: (id: string): object | undefined => whole(account.invoices.get(id)),
    invoicesOf: (subscription: string): object[] =>
      account.invoices
        .all()
        .filter(({ parent }) => parent?.subscription_details?.subscription === subscription)
        .map((invoice) => expand(invoice).whole),
    retrieve: (id: string): object | undefined =>
      account.sessions.get(id) ??
      account.refunds.get(id) ??
      account.disputes.get(id) ??
      account.subscriptions.get(id) ??
      whole(account.invoices.get(id)),
    invoicePayments: (intent: string): object[] =>
      account.invoicePayments
        .all()
        .filter(({ payment, status }) => payment.payment_intent === intent && status !== 'canceled'),
    /** Invoice items of a customer that no invoice has taken yet. */
    pendingItems: (customer: string) =>
      account.invoiceItems.all().filter((item) => item.customer === customer && item.invoice === null),
    refundsOf: (charge: string): object[] =>
      account.refunds.all().filter((refund) => refund.charge === charge),
    /** Refunds and disputes of what was charged. */
    movesOf: (intent: string): object[] => movesOf(account, intent),
    /** What was made since then; paid invoices only, as catch-up asks for them. */
    listed(since: number): object[] {
      const isNew = ({ created }: { created: number }) => created >= since
      const invoices = account.invoices.all().filter((invoice) => isNew(invoice) && invoice.status === 'paid')
      return [
        ...account.sessions.all().filter(({ created }) => created >= since - 25 * hour),
        ...invoices.map((invoice) => expand(invoice).cut),
        ...account.subscriptions.all().filter(isNew),
        ...account.refunds.all().filter(isNew),
        ...account.disputes.all().filter(isNew),
      ]
    },
    call,
  }
}

type Expanded = { with: string; whole: object; cut: object }

/** An invoice with its payments: whole, as one who reads to the end has it, and cut, as a list shows it. The same one while nothing changes. */
function expander(account: StripeEnvironment['account']): (invoice: Invoice) => Expanded {
  const known = new WeakMap<Invoice, Expanded>()
  return (invoice) => {
    const payments = account.invoicePayments.all().filter((payment) => payment.invoice === invoice.id)
    const expanded = payments.map(({ payment, ...rest }) => {
      const intent = account.paymentIntents.get(String(payment.payment_intent))
      const payment_intent = intent ? { id: intent.id, status: intent.status } : null
      return { ...rest, payment: { ...payment, payment_intent } }
    })
    const state = expanded.map(({ status, payment }) => `${status} ${payment.payment_intent?.status}`).join()
    const before = known.get(invoice)
    if (before?.with === state) return before
    const whole = { ...invoice, payments: listOf(expanded) }
    const made = { with: state, whole, cut: { ...shown(invoice), payments: listOf(payments) } }
    known.set(invoice, made)
    return made
  }
}

function listOf<Item>(data: Item[]) {
  return { object: 'list' as const, data, has_more: false, url: '' }
}
