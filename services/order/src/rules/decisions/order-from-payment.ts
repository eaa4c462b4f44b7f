import { customerSchema, type Payment } from '@spawnpoint/contracts'
import { byName, findPlan } from '../billing/find-plan.ts'
import type { Catalogue } from '../order/catalogue.ts'
import { type Order, placedOrder } from '../order/order.ts'

/** Stands in for an address that nobody gave. */
export const noEmail = 'unknown@invalid.invalid'

type Requested = Pick<Order, 'plan' | 'region' | 'customer'>

/** The order that a payment asks for by its metadata, or by the Price that it was charged with. */
export function orderFromPayment(id: string, payment: Payment, catalogue: Catalogue): Order {
  const plan = planOf(payment, catalogue)
  const email = emailOf(payment) ?? noEmail
  const request = {
    plan: plan?.id ?? (payment.plan || '?'),
    region: regionOf(payment, catalogue) ?? (payment.region || '?'),
    customer: { id: null, email, name: clip(payment.customer_name) || email },
    server_name: clip(payment.server_name) || clip(`${plan?.id ?? (payment.plan || 'Game')} server`),
    environment: {},
  }
  // The payment brings version 1.
  return { ...placedOrder(id, request, plan?.price ?? payment.paid), version: 0 }
}

/** A held order with what its payment tells by now; what was valid stays, for a person may have corrected it. */
export function completeFromPayment<Incomplete extends Requested>(
  order: Incomplete,
  payment: Payment,
  catalogue: Catalogue,
): Incomplete {
  const { customer } = order
  const email = customer.email === noEmail ? (emailOf(payment) ?? noEmail) : customer.email
  return {
    ...order,
    plan: catalogue.plans.has(order.plan) ? order.plan : (planOf(payment, catalogue)?.id ?? order.plan),
    region: catalogue.regions.has(order.region)
      ? order.region
      : (regionOf(payment, catalogue) ?? order.region),
    customer: {
      ...customer,
      email,
      name: customer.name === noEmail ? clip(payment.customer_name) || email : customer.name,
    },
  }
}

/** Why no server can be made for it, whatever was paid; null when nothing is missing. */
export function obstacleOf(
  { plan: id, region, customer }: Requested,
  { subscription_id, ...payment }: Pick<Payment, 'subscription_id' | 'plan' | 'region' | 'customer_email'>,
  { plans, regions }: Catalogue,
): string | null {
  const plan = plans.get(id)
  if (!plan) return `Paid for the unknown plan ${quoted(payment.plan)}`
  if (plan.interval !== null && subscription_id === null)
    return `Paid once for the plan ${plan.id}, which is paid by the ${plan.interval}`
  if (!regions.has(region)) return `Paid for the unknown region ${quoted(payment.region)}`
  if (customer.email === noEmail)
    return `Paid without an e-mail address that can be used: ${quoted(payment.customer_email)}`
  return null
}

function planOf({ lines, plan }: Payment, catalogue: Catalogue) {
  return findPlan(catalogue, { prices: (lines ?? []).map(({ price }) => price), name: plan })
}

function regionOf({ region }: Payment, { regions }: Catalogue): string | null {
  if (region === null) return regions.size === 1 ? ([...regions][0] ?? null) : null
  return byName(new Map([...regions].map((id) => [id, id])), region)
}

function emailOf({ customer_email }: Payment): string | null {
  return customerSchema.shape.email.safeParse(customer_email).data ?? null
}

function quoted(name: string | null): string {
  return name === null ? '(none)' : JSON.stringify(name)
}

// A cut may leave half a character, which the panel refuses; so may Stripe.
function clip(text: string | null): string {
  return (text ?? '').toWellFormed().trim().slice(0, 191).toWellFormed().trim()
}
