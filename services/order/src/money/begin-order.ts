import { customerSchema, type Payment } from '@spawnpoint/contracts'
import { type Decision, ignored, type Rules } from '../decision.ts'
import { type Order, placedOrder } from '../order.ts'
import { applyPayment, heldOrder } from './apply-payment.ts'

/** Stands in for an address that nobody gave. */
export const noEmail = 'unknown@invalid.invalid'

/** The order that a payment begins when none waited for it: a Payment Link, or a checkout of the seller's own. */
export function beginOrder(id: string, payment: Payment, rules: Rules): Decision {
  if (payment.status !== 'succeeded') return ignored('no_order_began')
  const { plans, regions } = rules.catalogue
  const plan = plans.get(payment.plan ?? '')
  const region = payment.region ?? (regions.size === 1 ? [...regions][0] : undefined)
  const email = customerSchema.shape.email.safeParse(payment.customer_email).data
  const order = wishedFor(id, payment, { price: plan?.price ?? payment.paid, region, email })
  const held = (why: string) => heldOrder(order, payment, why, rules)
  if (!plan) return held(`Paid for the unknown plan ${payment.plan ?? '(none)'}: held`)
  if (plan.interval !== null && payment.subscription_id === null)
    return held(`Paid once for the plan ${plan.id}, which is paid by the ${plan.interval}: held`)
  if (!region || !regions.has(region))
    return held(`Paid for the unknown region ${payment.region ?? '(none)'}: held`)
  if (!email) return held('Paid without an e-mail address that can be used: held')
  return applyPayment(order, payment, rules)
}

function wishedFor(
  id: string,
  payment: Payment,
  known: { price: Payment['paid']; region: string | undefined; email: string | undefined },
): Order {
  const email = known.email ?? noEmail
  const request = {
    plan: payment.plan || '?',
    region: known.region || '?',
    customer: { id: null, email, name: clip(payment.customer_name) || email },
    server_name: clip(payment.server_name) || clip(`${payment.plan || 'Game'} server`),
    environment: {},
  }
  // The payment brings version 1.
  return { ...placedOrder(id, request, known.price), version: 0 }
}

// A cut may leave half a character, which the panel refuses; so may Stripe.
function clip(text: string | null): string {
  return (text ?? '').toWellFormed().trim().slice(0, 191).toWellFormed().trim()
}
