import { z } from '@hono/zod-openapi'
import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { finality, isFinal } from './failure.ts'
import { type PlanItem, periodOf } from './period.ts'

/** A payment as it is stored: the published fields, and the ids that identify its invoices and charges. */
export const storedPaymentSchema = paymentSchema.required().extend({
  charge_id: z.string().max(191).nullable(),
  /**
   * All PaymentIntents and charges that paid it, sorted: an invoice may be paid by several.
   * Source: docs.stripe.com/changelog/basil/2025-05-28/partial-payments.
   */
  charged_by: z.array(z.string().max(191)),
  invoice_id: z.string().max(191).nullable(),
  /** The end of the period that its invoice charges for, paid or not. */
  period_end: z.iso.datetime().nullable(),
  /** When the details of its invoice were read: the newest win. */
  details_at: z.iso.datetime().nullable(),
})
export type StoredPayment = z.infer<typeof storedPaymentSchema>

export const paymentUpdateSchema = storedPaymentSchema.omit({ version: true })
/** One Stripe event's view of a payment: its whole state without our version. */
export type PaymentUpdate = z.infer<typeof paymentUpdateSchema>

type PaymentEventType = 'payment.pending' | 'payment.succeeded' | 'payment.failed'

export type Applied =
  /** `event` is null for links and periods, which the subscription and the next event publish. */
  | { payment: StoredPayment; event: { type: PaymentEventType; cause: string } | null }
  | { ignored: 'same_status' | 'already_succeeded' | 'already_over' }

/**
 * Stripe's events are delivered twice and in any order, and two of one second have the same time. So the rank of the
 * states decides: pending < failed or expired < succeeded. A late payment is still a payment.
 */
export function applyPaymentUpdate(
  before: StoredPayment | null,
  update: PaymentUpdate,
  planItem: PlanItem | null = null,
): Applied {
  const settled = (payment: StoredPayment) => withPeriod(withoutOpenInvoice(payment), planItem)
  if (!before) return changed(settled({ ...update, version: 1 }))
  const isAhead = isAheadOf(before, update)
  const merged = merge(before, update, isAhead)
  if (isAhead) return changed(settled({ ...merged, ...statusOf(update), version: before.version + 1 }))
  const attempts = { attempts: attemptsOf(before, update) }
  const payment = settled({ ...merged, ...statusOf(before), ...attempts, version: before.version })
  if (isSame(payment, before)) return { ignored: reasonOf(before, update) }
  return isCompletion(before, payment)
    ? completed({ ...payment, version: before.version + 1 })
    : { payment, event: null }
}

// While nothing has failed for good, the count that is further is the later one.
function attemptsOf(before: StoredPayment, update: PaymentUpdate): number {
  const isPending = before.status === 'pending' && update.status === 'pending'
  return isPending ? Math.max(before.attempts, update.attempts) : before.attempts
}

export function publishedPayment(stored: StoredPayment): Payment {
  const { charge_id, charged_by, invoice_id, period_end, details_at, ...payment } = stored
  return payment
}

/** With the period that it pays for, as far as the item of the plan is known. */
export function withPeriod(payment: StoredPayment, planItem: PlanItem | null): StoredPayment {
  if (!payment.lines) return payment
  const period = periodOf(payment, planItem)
  const paid = payment.status === 'succeeded' ? period : null
  return {
    ...payment,
    period_end: period?.end ?? null,
    paid_from: paid?.start ?? null,
    paid_until: paid?.end ?? null,
  }
}

const decisive = [
  ...['order_id', 'plan', 'region', 'server_name', 'customer_email', 'customer_name'],
  ...['paid', 'discount', 'tax', 'shipping', 'nothing_owed', 'trial_end'],
  ...['invoice_status', 'due_at', 'amount_remaining', 'invoice_url', 'action_required', 'processing'],
] as const

/** Whether a consumer that has processed the payment would decide differently now. */
function isCompletion(before: StoredPayment, after: StoredPayment): boolean {
  return decisive.some((name) => !isEqual(Reflect.get(before, name), Reflect.get(after, name)))
}

function completed(payment: StoredPayment): Applied {
  const cause = `${payment.payment_id}/${payment.status}/${payment.version}`
  return { payment, event: { type: eventTypeOf(payment.status), cause } }
}

function changed(payment: StoredPayment): Applied {
  return { payment, event: { type: eventTypeOf(payment.status), cause: causeOf(payment) } }
}

function isAheadOf(before: StoredPayment, update: PaymentUpdate): boolean {
  if (rankOf(update) !== rankOf(before)) return rankOf(update) > rankOf(before)
  if (update.status !== 'failed' || before.status !== 'failed') return false
  const further = finality(update) - finality(before)
  const isClosed = isFinal(update) || isFinal(before)
  if (further !== 0 && (isClosed || update.attempts === before.attempts)) return further > 0
  return update.attempts > before.attempts
}

function rankOf({ status }: PaymentUpdate): number {
  switch (status) {
    case 'pending':
      return 0
    case 'failed':
    case 'expired':
      return 1
    case 'succeeded':
      return 2
    default:
      return status satisfies never
  }
}

function statusOf({ status, failure, attempts, next_attempt_at }: PaymentUpdate) {
  return { status, failure, attempts, next_attempt_at }
}

/**
 * A first period has two sources, its session and its invoice. Where they differ the session wins, whichever came first;
 * each fills in what the other leaves open.
 */
function merge(before: StoredPayment, update: PaymentUpdate, isAhead: boolean): PaymentUpdate {
  const isUpdateRight = isOfSession(update) === isOfSession(before) ? isAhead : isOfSession(update)
  const [right, other] = isUpdateRight ? [update, before] : [before, update]
  return {
    ...right,
    ...detailsOf(newerDetails(before, update)),
    lines: longer(before.lines, update.lines),
    collected: update.collected ?? before.collected,
    trial_end: right.trial_end ?? other.trial_end,
    order_id: right.order_id ?? other.order_id,
    stripe_customer_id: right.stripe_customer_id ?? other.stripe_customer_id,
    customer_email: right.customer_email ?? other.customer_email,
    customer_name: right.customer_name ?? other.customer_name,
    plan: right.plan ?? other.plan,
    region: right.region ?? other.region,
    server_name: right.server_name ?? other.server_name,
    payment_intent_id: either(before.payment_intent_id, update.payment_intent_id),
    charge_id: either(before.charge_id, update.charge_id),
    charged_by: idsOf(before.charged_by, update.charged_by),
    invoice_id: either(before.invoice_id, update.invoice_id),
    subscription_id: either(before.subscription_id, update.subscription_id),
    checkout_session_id: either(before.checkout_session_id, update.checkout_session_id),
    paid_at: earlier(before.paid_at, update.paid_at),
    paid_until: later(before.paid_until, update.paid_until),
    paid_from: later(before.paid_from, update.paid_from),
    period_end: later(before.period_end, update.period_end),
    // These follow from its refunds, disputes and fraud signals.
    refunded: before.refunded,
    refund_pending: before.refund_pending,
    dispute: before.dispute,
    disputed: before.disputed,
    returned: before.returned,
    returned_amount: before.returned_amount,
    unclear: before.unclear,
    disputed_at: before.disputed_at,
    dispute_reason: before.dispute_reason,
    fraud_warning: before.fraud_warning,
  }
}

// A paid invoice needs nothing from the customer.
function withoutOpenInvoice(payment: StoredPayment): StoredPayment {
  return payment.status === 'succeeded' ? { ...payment, ...nothingToDo } : payment
}

const nothingToDo = {
  ...{ invoice_status: null, due_at: null, amount_remaining: null, invoice_url: null, details_at: null },
  ...{ action_required: false, processing: false },
}

function newerDetails(before: PaymentUpdate, update: PaymentUpdate): PaymentUpdate {
  const [a, b] = [before.details_at ?? '', update.details_at ?? '']
  if (a !== b) return a > b ? before : update
  // Two of one second: the more advanced one, and a stable choice between equals.
  const order = [before, update].toSorted(
    (x, y) => rankOfDetails(x) - rankOfDetails(y) || (keyOf(x) < keyOf(y) ? -1 : 1),
  )
  return order[1] ?? update
}

const statusesInOrder = [null, 'draft', 'open', 'uncollectible', 'void', 'paid'] as const

function rankOfDetails({ invoice_status, action_required }: PaymentUpdate): number {
  return statusesInOrder.indexOf(invoice_status) * 2 + (action_required ? 1 : 0)
}

function keyOf(update: PaymentUpdate): string {
  return JSON.stringify(detailsOf(update))
}

function detailsOf(update: PaymentUpdate) {
  const { invoice_status, due_at, amount_remaining, invoice_url, action_required, processing, details_at } =
    update
  return { invoice_status, due_at, amount_remaining, invoice_url, action_required, processing, details_at }
}

// The lines of a finalized invoice do not change; a list that was read to the end has more of them. Of two as long, one API
// version names the plans and another does not: the same one is kept in whichever order they arrive.
function longer(a: PaymentUpdate['lines'], b: PaymentUpdate['lines']): PaymentUpdate['lines'] {
  if (!a || !b) return a ?? b
  const named = (lines: typeof a) => lines.filter(({ plan }) => plan !== null).length
  const ahead = b.length - a.length || named(b) - named(a)
  if (ahead !== 0) return ahead > 0 ? b : a
  return JSON.stringify(b) > JSON.stringify(a) ? b : a
}

function isOfSession({ checkout_session_id }: PaymentUpdate): boolean {
  return checkout_session_id !== null
}

/** The same one in whichever order they arrive. */
export function either(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

/** Both together, sorted and each once. */
export function idsOf(a: (string | null)[], b: (string | null)[]): string[] {
  return [...new Set([...a, ...b].filter((id) => id !== null))].sort()
}

function earlier(a: string | null, b: string | null): string | null {
  return a === null || b === null ? (a ?? b) : a < b ? a : b
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a > b ? a : b
}

function isSame(a: StoredPayment, b: StoredPayment): boolean {
  return Object.entries(a).every(([name, value]) => isEqual(value, Reflect.get(b, name)))
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function reasonOf(before: StoredPayment, update: PaymentUpdate) {
  if (before.status === update.status) return 'same_status'
  return before.status === 'succeeded' ? 'already_succeeded' : 'already_over'
}

function eventTypeOf(status: Payment['status']): PaymentEventType {
  switch (status) {
    case 'pending':
      return 'payment.pending'
    case 'succeeded':
      return 'payment.succeeded'
    case 'failed':
    case 'expired':
      return 'payment.failed'
    default:
      return status satisfies never
  }
}

// Several Stripe events may have one effect on a payment: the effect is the cause, not the event.
function causeOf(payment: StoredPayment): string {
  const { payment_id, status, attempts } = payment
  if (status !== 'failed') return `${payment_id}/${status}`
  const end = finality(payment)
  return [payment_id, status, ...(attempts > 0 ? [attempts] : []), ...(end > 1 ? [`end-${end}`] : [])].join(
    '/',
  )
}
