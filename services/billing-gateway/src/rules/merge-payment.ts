import { forgottenCustomer } from '@spawnpoint/contracts'
import type { PaymentUpdate, StoredPayment } from './stored-payment.ts'

/**
 * A first period has two sources, its session and its invoice. Where they differ the session wins, whichever came first;
 * each fills in what the other leaves open.
 */
export function mergeUpdate(before: StoredPayment, update: PaymentUpdate, isAhead: boolean): PaymentUpdate {
  const isUpdateRight = isOfSession(update) === isOfSession(before) ? isAhead : isOfSession(update)
  const [right, other] = isUpdateRight ? [update, before] : [before, update]
  const merged = mergeFields(before, update, [right, other])
  return isForgotten(before) ? { ...merged, ...personOf(before) } : merged
}

/** Whatever Stripe sends or lists of this payment from now on, its customer stays forgotten. */
export function isForgotten({ customer_email }: Pick<PaymentUpdate, 'customer_email'>): boolean {
  return customer_email === forgottenCustomer.email
}

function personOf({ customer_email, customer_name, server_name, invoice_url }: PaymentUpdate) {
  return { customer_email, customer_name, server_name, invoice_url }
}

function mergeFields(
  before: StoredPayment,
  update: PaymentUpdate,
  [right, other]: [PaymentUpdate, PaymentUpdate],
): PaymentUpdate {
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
