import type { Payment } from '@spawnpoint/contracts'
import { isListed } from '../billing/find-plan.ts'
import { mergePayment } from '../billing/merge-billing-state.ts'
import { isPaidInFull } from '../billing/paid-in-full.ts'
import { chargedOf } from '../billing/period.ts'
import { isOfSeveralPlans, severalUnits } from '../billing/quantity.ts'
import type { Plan } from '../order/catalogue.ts'
import { type Applied, type Decision, ignored, plainRules, type Rules } from '../order/decision.ts'
import { formatMoney } from '../order/format-money.ts'
import { noMoney, type Order } from '../order/order.ts'
import { applyPlanChange } from './apply-plan-change.ts'
import { reevaluateOrder } from './reevaluate-order.ts'
import { chargeOf, isHeld, releaseHeld, stillHeld } from './release-held-order.ts'

/**
 * What this state of a payment makes of the order. Of all its first payments the best decides, in whatever order they
 * arrive: in full before held, held before failed. Money that is in is never undone by a failure.
 */
export function applyPayment(before: Order, payment: Payment, rules: Rules = plainRules): Decision {
  const order = underItsName(before, payment)
  if (payment.status === 'succeeded' || payment.kind !== 'first') return applyCharge(order, payment, rules)
  const isKnown = order.payment_id === payment.payment_id
  if (isKnown && payment.version <= order.payment_version) return ignored('older_payment_version')
  if (payment.status === 'pending') {
    // The first event of a payment under way keeps its reservation.
    if (order.status !== 'pending' || order.payment_id !== null) return ignored('payment_pending')
    return changed(withPayment(order, payment), 'The bank is asked: it may take days')
  }
  if (order.status !== 'pending') return ignored('order_not_pending')
  return isOfItsCheckout(order, payment) ? cancelled(order, payment) : ignored('another_checkout')
}

/** An order that waits for a person: its message says why, and it wants no server. */
export function heldOrder(order: Order, payment: Payment, why: string, rules: Rules = plainRules): Decision {
  const known = mergePayment({ ...order, payment_id: payment.payment_id }, payment, rules.catalogue)
  if (typeof known === 'string') return ignored(known)
  const held = { status: 'error', billing_status: 'paid', error_message: why } as const
  const next = { ...known, ...held, charge: chargeOf(payment) }
  return reevaluateOrder(order, next, { rules, note: why, isPublished: true })
}

function applyCharge(order: Order, payment: Payment, rules: Rules): Decision {
  const { payment_id, version } = payment
  if (order.payment_id === payment_id && version < order.payment_version)
    return ignored('older_payment_version')
  const isFirst = order.billing_status === 'unpaid' && payment.kind === 'first'
  if (isFirst) return firstPayment(order, payment, rules)
  const known = mergePayment(order, payment, rules.catalogue)
  if (typeof known === 'string') return ignored(known)
  const released = isHeld(order) ? releaseHeld(order, { known, payment }, rules) : null
  if (released) return released
  const several = isHeld(order) ? stillHeld(order, known, rules) : null
  if (several) return several
  const isNew = payment.status === 'succeeded' && !isIn(order, payment_id)
  if (isNew && payment.kind === 'first') return secondPayment(order, known, { payment, rules })
  if (isNew && order.billing_status !== 'unpaid' && payment.subscription_id !== known.subscription_id)
    return unmatchedPayment(known, payment)
  const decision = reevaluateOrder(order, applyPlanChange(order, known, rules), {
    rules,
    note: noteOf(payment),
  })
  if (isNew && order.desired === 'terminated') return { ...decision, ...afterEnd(payment) }
  if (order.desired === 'terminated' && hasRefundFailed(order, known, payment_id))
    return { ...decision, ...afterFailedRefund(payment) }
  // A newer version with the same content is stored and not published.
  return decision.event === null && !isNew ? { ...decision, note: null } : decision
}

function firstPayment(order: Order, payment: Payment, rules: Rules): Decision {
  const plan = rules.catalogue.plans.get(order.plan)
  const several = severalUnitsOf(order, payment, rules)
  if (several !== null) return heldOrder(order, payment, several, rules)
  if (payment.trial_end && plan?.policy.trial === 'hold')
    return heldOrder(
      order,
      payment,
      `A trial of the plan ${JSON.stringify(plan.id)}, which allows none: held`,
      rules,
    )
  if (isPaidInFull(payment, order.price) || isListedFirst(payment, plan, rules))
    return paid(order, payment, { rules })
  const why = `Paid ${formatMoney(payment.paid)} where the order costs ${formatMoney(order.price)}: held, nothing is provisioned`
  return heldOrder(order, payment, why, rules)
}

function severalUnitsOf(order: Order, payment: Payment, { catalogue }: Rules): string | null {
  if (!payment.lines && order.money.subscription === null) return null
  const known = mergePayment({ ...order, payment_id: payment.payment_id }, payment, catalogue)
  return typeof known === 'string' ? null : severalUnits(known, catalogue)
}

// The seller lists the Price under the plan, whatever its amount and currency.
function isListedFirst({ lines }: Payment, plan: Plan | undefined, { catalogue }: Rules): boolean {
  if (plan === undefined || isOfSeveralPlans(lines, catalogue)) return false
  return (lines ?? []).some(({ price, quantity }) => quantity === 1 && isListed(plan, price))
}

// Whatever it does to the order, nobody owes this money twice: a person has to see it.
function secondPayment(
  order: Order,
  known: Order,
  { payment, rules }: { payment: Payment; rules: Rules },
): Decision {
  if (order.wanted === null && order.desired === 'none' && isPaidInFull(payment, order.price)) {
    const note = `Paid in full by ${payment.payment_id}: refund ${order.payment_id}`
    return { ...paid(order, payment, { rules, note }), alarm: 'paid_twice' }
  }
  if (known.payment_id !== payment.payment_id) return unmatchedPayment(known, payment)
  // It is billed by this one now: the other one was refunded, or its subscription has ended.
  const next = { ...applyPlanChange(order, known, rules), charge: chargeOf(payment) }
  const decision = reevaluateOrder(order, next, { rules, note: renewalNote(known, payment) })
  return order.desired === 'terminated' ? { ...decision, ...afterEnd(payment) } : decision
}

function renewalNote({ money }: Order, { subscription_id, paid }: Payment): string | null {
  return subscription_id !== null && money.former_payments !== undefined
    ? `Renewed: paid ${formatMoney(paid)} by subscription ${subscription_id}`
    : null
}

function unmatchedPayment(known: Order, payment: Payment): Applied {
  // A subscription that begins with nothing has charged nobody yet.
  if (chargedOf(payment) === 0) return { kind: 'apply', event: null, note: null, order: known }
  const { subscription_id: id, payment_id } = payment
  const what =
    payment.kind === 'first'
      ? 'refund it'
      : `it is of subscription ${id}, and the order goes by ${known.subscription_id}: end one of them and refund what is too much`
  const note = `Paid ${formatMoney(payment.paid)} once more by ${payment_id}: ${what}`
  return { kind: 'apply', event: null, note, order: known, alarm: 'paid_twice' }
}

function afterEnd({ paid, payment_id }: Payment): Pick<Applied, 'note' | 'alarm'> {
  const note = `Paid ${formatMoney(paid)} by ${payment_id} after it had ended: refund it`
  return { note, alarm: 'paid_after_end' }
}

// Its customer has neither the money nor a server.
function hasRefundFailed(before: Order, after: Order, id: string): boolean {
  // Of what we refund ourselves the gateway tells.
  if (before.refund_request !== null) return false
  const sentBack = ({ money }: Order) => {
    const payment = money.payments.find(({ payment_id }) => payment_id === id)
    return payment ? payment.refunded + payment.refund_pending : 0
  }
  return sentBack(after) < sentBack(before)
}

function afterFailedRefund({ paid, payment_id }: Payment): Pick<Applied, 'note' | 'alarm'> {
  const note = `A refund of ${payment_id} (${formatMoney(paid)}) failed after it had ended: pay it back in another way`
  return { note, alarm: 'paid_after_end' }
}

function paid(
  order: Order,
  payment: Payment,
  { rules, note = null }: { rules: Rules; note?: string | null },
): Applied {
  const known = mergePayment({ ...order, payment_id: payment.payment_id }, payment, rules.catalogue)
  if (typeof known === 'string') throw new Error(`Payment ${payment.payment_id} came first and is ${known}`)
  const next = { ...known, billing_status: 'paid', wanted: 'running', charge: chargeOf(payment) } as const
  // What was known of its subscription before counts from now on.
  const planned = applyPlanChange({ ...order, money: noMoney }, next, rules)
  return reevaluateOrder(order, planned, { rules, note, isPublished: true })
}

// While one checkout is open or its debit is under way, another unpaid one means nothing.
function isOfItsCheckout({ checkout_session_id: known }: Order, payment: Payment): boolean {
  return known === null || known === payment.payment_id || known === payment.checkout_session_id
}

/** A payment that was known by its session has its own id by now. */
function underItsName(order: Order, { payment_id, checkout_session_id: session }: Payment): Order {
  if (!session || session === payment_id || order.payment_id !== session) return order
  const payments = order.money.payments.map((one) =>
    one.payment_id === session ? { ...one, payment_id, version: 0 } : one,
  )
  return { ...order, payment_id, payment_version: 0, money: { ...order.money, payments } }
}

function cancelled(order: Order, payment: Payment): Decision {
  const why =
    payment.failure ?? (payment.status === 'expired' ? 'The checkout expired unpaid' : 'The payment failed')
  return changed({ ...withPayment(order, payment), status: 'cancelled', error_message: why }, why)
}

function changed(order: Order, note: string): Decision {
  return { kind: 'apply', event: 'order.changed', note, order: { ...order, version: order.version + 1 } }
}

function withPayment(order: Order, { payment_id, version: payment_version }: Payment): Order {
  return { ...order, payment_id, payment_version }
}

function isIn({ money }: Order, paymentId: string): boolean {
  return money.payments.some(({ payment_id, status }) => payment_id === paymentId && status === 'succeeded')
}

function noteOf({ kind, status, failure, ...payment }: Payment): string | null {
  if (status === 'pending') return pendingNote(payment)
  if (status === 'failed') return failure ?? 'The payment of its renewal failed'
  if (payment.returned) return returnedNote(payment)
  if (payment.fraud_warning) return payment.fraud_warning
  if (payment.dispute) return `Its payment ${payment.payment_id} is disputed: ${payment.dispute}`
  const { refunded = 0, refund_pending: pending = 0, paid } = payment
  const inCurrency = (amount: number) => formatMoney({ ...paid, amount })
  if (refunded + pending > 0)
    return `Of ${formatMoney(paid)} ${inCurrency(refunded)} went back${pending > 0 ? `, ${inCurrency(pending)} are on their way` : ''}`
  return kind === 'first' ? null : `Paid ${formatMoney(paid)} by ${payment.payment_id}`
}

function returnedNote({
  payment_id,
  paid,
  returned_amount,
}: Pick<Payment, 'payment_id' | 'paid' | 'returned_amount'>): string {
  const part = returned_amount == null ? '' : `${formatMoney({ ...paid, amount: returned_amount })} of `
  return `The bank returned ${part}its payment ${payment_id}`
}

function pendingNote({
  payment_id,
  action_required,
}: Pick<Payment, 'payment_id' | 'action_required'>): string {
  return action_required
    ? `Invoice ${payment_id} is open: the customer has to confirm its payment`
    : `Invoice ${payment_id} is open`
}
