import type { Payment } from '@spawnpoint/contracts'
import { isListed } from '../billing/find-plan.ts'
import { isPaidInFull } from '../billing/paid-in-full.ts'
import { isOfSeveralPlans, severalUnits } from '../billing/quantity.ts'
import type { Plan } from '../order/catalogue.ts'
import type { Applied, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { completeFromPayment, obstacleOf } from './order-from-payment.ts'
import { reevaluateOrder } from './reevaluate-order.ts'

/** Paid, and nothing was accepted yet: its amount, its plan, its region or its address were not right. */
export function isHeld({ wanted, desired, billing_status, status }: Order): boolean {
  return wanted === null && desired === 'none' && billing_status !== 'unpaid' && status === 'error'
}

/**
 * A held order goes on by itself once a payment tells what was missing, or a later one covers the price. `known` is the order
 * with that payment. Null: it stays held.
 */
export function releaseHeld(
  before: Order,
  { known, payment }: { known: Order; payment: Payment },
  rules: Rules,
): Applied | null {
  const completed = completeFromPayment(known, payment, rules.catalogue)
  const plan = rules.catalogue.plans.get(completed.plan)
  if (!plan || payment.status !== 'succeeded' || obstacleOf(completed, payment, rules.catalogue)) return null
  if (!isOfOrder(known, payment) || !covers(payment, known, plan)) return null
  if (severalUnits(known, rules.catalogue) !== null || isOfSeveralPlans(payment.lines, rules.catalogue))
    return null
  const charge = payment.kind === 'first' ? { charge: chargeOf(payment) } : {}
  const next = { ...completed, ...charge, price: plan.price, wanted: 'running', error_message: null } as const
  return reevaluateOrder(before, next, {
    rules,
    note: `Released: ${payment.payment_id} pays for it in full`,
    isPublished: true,
  })
}

/** A held order of which it is known by now that several units were bought: that is why. */
export function stillHeld(before: Order, known: Order, rules: Rules): Applied | null {
  const why = severalUnits(known, rules.catalogue)
  if (why === null || why === before.error_message) return null
  return reevaluateOrder(before, { ...known, error_message: why }, { rules, note: why, isPublished: true })
}

function isOfOrder({ payment_id, subscription_id }: Order, payment: Payment): boolean {
  return payment.kind === 'first'
    ? payment.payment_id === payment_id
    : payment.subscription_id === subscription_id
}

function covers(payment: Payment, { money }: Order, plan: Plan): boolean {
  if (payment.trial_end && plan.policy.trial === 'hold') return false
  const line = money.payments.find(({ payment_id }) => payment_id === payment.payment_id)?.plan_line
  if (line && line.quantity === 1 && isListed(plan, line.price)) return true
  if (payment.kind === 'first') return isPaidInFull(payment, plan.price)
  if (!line || line.proration || line.quantity !== 1) return false
  return line.amount === plan.price.amount && payment.paid.currency === plan.price.currency
}

/** What Stripe charged, as far as the price is compared with it. */
export function chargeOf(payment: Payment): NonNullable<Order['charge']> {
  const { paid, discount, tax, shipping, nothing_owed, trial_end } = payment
  return { paid, discount, tax, shipping, nothing_owed, ...(trial_end ? { trial_end } : {}) }
}
