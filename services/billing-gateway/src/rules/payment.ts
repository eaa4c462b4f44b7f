import type { Payment } from '@spawnpoint/contracts'
import { finality, isFinal } from './failure.ts'
import { mergeUpdate } from './merge-payment.ts'
import { type PlanItem, periodOf } from './period.ts'
import type { PaymentUpdate, StoredPayment } from './stored-payment.ts'

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
  const merged = mergeUpdate(before, update, isAhead)
  if (isAhead) return changed(settled({ ...merged, ...statusOf(update), version: before.version + 1 }))
  const payment = settled({
    ...merged,
    ...statusOf(before),
    ...latestTry(before, update),
    version: before.version,
  })
  if (isSame(payment, before)) return { ignored: reasonOf(before, update) }
  if (isCompletion(before, payment)) return completed({ ...payment, version: before.version + 1 })
  // What a first period charges for is not published once more: who needs it looks it up, and sees that it is newer.
  const isRead = before.lines === null && payment.lines !== null
  return { payment: isRead ? { ...payment, version: before.version + 1 } : payment, event: null }
}

// While nothing has failed for good, the count that is further is the later one, and of one count the date that is.
function latestTry(before: StoredPayment, update: PaymentUpdate): Partial<StoredPayment> {
  if (before.status !== update.status || !isOpen(before) || !isOpen(update)) return {}
  const ahead = update.attempts - before.attempts
  const isLater =
    ahead > 0 || (ahead === 0 && (update.next_attempt_at ?? '') > (before.next_attempt_at ?? ''))
  const { attempts, next_attempt_at } = isLater ? update : before
  return { attempts, next_attempt_at }
}

function isOpen(payment: PaymentUpdate): boolean {
  return payment.status === 'pending' || (payment.status === 'failed' && finality(payment) === 0)
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

// A paid invoice needs nothing from the customer.
function withoutOpenInvoice(payment: StoredPayment): StoredPayment {
  return payment.status === 'succeeded' ? { ...payment, ...nothingToDo } : payment
}

const nothingToDo = {
  ...{ invoice_status: null, due_at: null, amount_remaining: null, invoice_url: null, details_at: null },
  ...{ action_required: false, processing: false },
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

export function eventTypeOf(status: Payment['status']): PaymentEventType {
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
