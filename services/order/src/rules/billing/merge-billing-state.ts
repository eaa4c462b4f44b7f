import type { InvoiceLine, Payment, PaymentState, Subscription } from '@spawnpoint/contracts'
import { type Catalogue, nothingForSale } from '../order/catalogue.ts'
import type { Order } from '../order/order.ts'
import { mayChangePlanLine, planLineOf } from './find-plan.ts'
import { isPaidInFull } from './paid-in-full.ts'
import { selectBillingPayment, subscriptionsOf, withSubscriptions } from './select-billing-payment.ts'

/** Three years of months: older payments that were never contested are dropped. */
const maxPayments = 40

/** The order with the newest that is known of this payment; or why that is nothing new. */
export function mergePayment(
  order: Order,
  payment: Payment,
  catalogue: Catalogue = nothingForSale,
): Order | 'older_payment_version' {
  const known = order.money.payments.find(({ payment_id }) => payment_id === payment.payment_id)
  if (known && payment.version <= known.version) return 'older_payment_version'
  const others = order.money.payments.filter((other) => other !== known)
  const payments = newest([...others, paymentState(payment, order, { known, catalogue })], order)
  return selectBillingPayment({ ...order, money: { ...order.money, payments } })
}

/** The order with the newest that is known of these payments. */
export function mergePayments(order: Order, payments: Payment[], catalogue?: Catalogue): Order {
  return payments.reduce((merged, payment) => {
    const next = mergePayment(merged, payment, catalogue)
    return typeof next === 'string' ? merged : next
  }, order)
}

/** The order with the newest that is known of this subscription; or why that is nothing new. */
export function mergeSubscription(
  order: Order,
  subscription: Subscription,
  catalogue: Catalogue = nothingForSale,
): Order | 'older_subscription_version' {
  const all = subscriptionsOf(order)
  const known = all.find(({ subscription_id }) => subscription_id === subscription.subscription_id)
  if (known && subscription.version <= known.version) return 'older_subscription_version'
  const next = withSubscriptions(order, [...all.filter((other) => other !== known), subscription])
  return selectBillingPayment(withPlanLines(next, subscription, catalogue))
}

/** The order with the newest that is known of these subscriptions. */
export function mergeSubscriptions(
  order: Order,
  subscriptions: Subscription[],
  catalogue?: Catalogue,
): Order {
  return subscriptions.reduce((merged, subscription) => {
    const next = mergeSubscription(merged, subscription, catalogue)
    return typeof next === 'string' ? merged : next
  }, order)
}

/** With the lines of the plan by the items of its subscription, whichever arrived first. */
function withPlanLines(order: Order, { subscription_id, items }: Subscription, catalogue: Catalogue): Order {
  const payments = order.money.payments.map((payment) => {
    if (payment.subscription_id !== subscription_id) return payment
    const {
      lines = payment.plan_line ? [payment.plan_line] : null,
      plan_line: _,
      prorated_until: __,
      prorated_from: _____,
      prorated_prices: ___,
      ...rest
    } = payment
    if (!lines) return payment
    const { paid_from: ____, ...standing } = rest
    return { ...standing, ...chargedFor({ lines, kind: payment.kind }, items, catalogue) }
  })
  const inOrder = payments.toSorted(byPeriod)
  const withoutOld = inOrder.map((payment, index) => withoutOldLines(payment, { index, all: inOrder, order }))
  return { ...order, money: { ...order.money, payments: withoutOld } }
}

function paymentState(
  payment: Payment,
  order: Order,
  { known, catalogue }: { known: PaymentState | undefined; catalogue: Catalogue },
): PaymentState {
  const { payment_id, version, kind, status, subscription_id } = payment
  // A late failure never undoes a payment.
  const isIn = status === 'succeeded' || known?.status === 'succeeded'
  // By what it was when it came in it was decided.
  const paid = known?.status === 'succeeded' ? known.paid : payment.paid
  return {
    ...{ payment_id, version, kind, paid, subscription_id },
    status: isIn ? 'succeeded' : status,
    refunded: payment.refunded ?? 0,
    refund_pending: payment.refund_pending ?? 0,
    dispute: payment.dispute ?? null,
    fraud_warning: payment.fraud_warning ?? null,
    ...chargedFor(payment, itemsOf(payment, order), catalogue),
    ...detailsOf(payment),
    ...(kind === 'first' ? { in_full: known?.in_full ?? isPaidInFull(payment, order.price) } : {}),
  }
}

type Charged = Pick<Payment, 'kind' | 'lines' | 'paid_until' | 'paid_from'>

function itemsOf({ subscription_id }: Payment, order: Order): Subscription['items'] {
  const own = subscriptionsOf(order).find((one) => one.subscription_id === subscription_id)
  return (own ?? order.money.subscription)?.items
}

/** The period and the price of the plan, as its invoice has them; without an invoice as the gateway says. */
function chargedFor(
  { lines, kind, paid_until = null, paid_from = null }: Charged,
  items: Subscription['items'],
  catalogue: Catalogue,
): Partial<PaymentState> & { paid_until: string | null } {
  if (!lines) return { paid_until, ...(paid_from ? { paid_from } : {}) }
  const line = planLineOf({ lines, kind }, { catalogue, items })
  const prorated = kind === 'change' && !line ? lines.filter(({ end, amount }) => end && amount > 0) : []
  return {
    paid_until: line?.end ?? null,
    ...(line?.start ? { paid_from: line.start } : {}),
    ...(line ? { plan_line: line } : {}),
    ...(mayChangePlanLine({ lines, kind }, line, catalogue) ? { lines } : {}),
    ...(prorated.length > 0 ? proratedFor(prorated) : {}),
  }
}

function proratedFor(lines: InvoiceLine[]): Partial<PaymentState> {
  const ends = lines.flatMap(({ end }) => end ?? [])
  const [from] = lines.flatMap(({ start }) => start ?? []).toSorted()
  const prices = new Set(lines.map(({ price }) => price))
  return {
    ...(from ? { prorated_from: from } : {}),
    prorated_until: ends.toSorted().at(-1) ?? null,
    prorated_prices: [...prices],
  }
}

const details = [
  ...['collected', 'returned', 'returned_amount', 'disputed', 'disputed_at', 'invoice_status', 'due_at'],
  ...['amount_remaining', 'paid_at', 'unclear', 'invoice_url', 'action_required', 'processing', 'trial_end'],
] as const

// Empty details are not stored: an order has dozens of payments.
function detailsOf(payment: Payment): Partial<PaymentState> {
  const present = details.flatMap((name) => {
    const value: unknown = Reflect.get(payment, name)
    return value === undefined || value === null || value === false ? [] : [[name, value] as const]
  })
  return Object.fromEntries(present)
}

function newest(payments: PaymentState[], order: Order): PaymentState[] {
  const { payment_id } = order
  const all = payments.toSorted(byPeriod)
  const inOrder = all.map((payment, index) => withoutOldLines(payment, { index, all, order }))
  if (inOrder.length <= maxPayments) return inOrder
  const isNeeded = (one: PaymentState) =>
    one.kind === 'first' ||
    one.payment_id === payment_id ||
    one.dispute !== null ||
    one.refunded > 0 ||
    one.invoice_status === 'open'
  const [dropped] = inOrder.filter((one) => !isNeeded(one)).toSorted((a, b) => timeOf(a) - timeOf(b))
  return inOrder.filter((one) => one !== dropped)
}

// What pays for no period of its own, as a change within one does, stands at the front of the list.
function timeOf({ paid_until, prorated_until, paid_at }: PaymentState): number {
  return Date.parse(paid_until ?? prorated_until ?? paid_at ?? '') || 0
}

/** Of more periods than these nobody looks at the lines again. */
const periodsWithLines = 4

// Until its subscription tells which line is the plan's, all are kept: the end is the same, whichever comes first.
function withoutOldLines(
  payment: PaymentState,
  { index, all, order }: { index: number; all: PaymentState[]; order: Order },
): PaymentState {
  // Its lines alone say that it pays for no period of the plan.
  const isOfNoPeriod = payment.plan_line === undefined && payment.paid_until === null
  const isNew = index >= all.length - periodsWithLines
  const isKnown = subscriptionsOf(order).some((one) => one.subscription_id === payment.subscription_id)
  if (payment.lines === undefined || isOfNoPeriod || isNew || !isKnown) return payment
  const { lines: _, ...rest } = payment
  return rest
}

function byId(a: PaymentState, b: PaymentState): number {
  return a.payment_id < b.payment_id ? -1 : 1
}

// Of one moment in the order of their ids, so that the same payments are the same list whatever came first.
function byPeriod(a: PaymentState, b: PaymentState): number {
  const at = (one: PaymentState) => (one.paid_until ? Date.parse(one.paid_until) : 0)
  return at(a) - at(b) || byId(a, b)
}
