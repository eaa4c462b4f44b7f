import { customerSchema } from '@spawnpoint/contracts'
import { isPaidInFull } from '../billing/paid-in-full.ts'
import { severalUnits } from '../billing/quantity.ts'
import type { Applied, Rules } from '../order/decision.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order, OrderRequest } from '../order/order.ts'
import { noEmail } from './order-from-payment.ts'
import { reevaluateOrder } from './reevaluate-order.ts'

/** What a person puts right; the rest stays as it is. */
export type Correction = {
  [Field in 'plan' | 'region' | 'server_name' | 'environment']?: OrderRequest[Field] | undefined
} & {
  customer_email?: string | undefined
  /** What was paid is taken for the price, whatever the plan costs; `reason` says why, for the history. */
  accept_amount?: boolean | undefined
  reason?: string | undefined
}

type Held = { kind: 'held'; code: 'order_not_held' | 'still_held'; why: string }

/** Decides a paid order that came to `error` once more, with what is for sale today. Nothing changes while it is still held. */
export function decideHeldOrder(order: Order, correction: Correction, rules: Rules): Applied | Held {
  const { plans, regions } = rules.catalogue
  const isEnded = order.desired === 'suspended' || order.desired === 'terminated'
  if (order.status !== 'error' || order.billing_status !== 'paid' || isEnded)
    return {
      kind: 'held',
      code: 'order_not_held',
      why: `It is ${isEnded ? `to be ${order.desired}` : order.status} and ${order.billing_status}: only a paid order in error is decided again.`,
    }
  const next = corrected(order, correction)
  const { customer, region } = next
  const plan = plans.get(next.plan)
  if (!plan) return still(`There is no plan ${JSON.stringify(next.plan)}.`)
  if (!regions.has(region)) return still(`There is no region ${JSON.stringify(region)}.`)
  if (customer.email === noEmail || !customerSchema.shape.email.safeParse(customer.email).success)
    return still('Its customer has no e-mail address that can be used.')
  // What was accepted once keeps its price, whatever the plan costs today.
  const isAccepted = order.wanted !== null && next.plan === order.plan
  const price = isAccepted ? order.price : plan.price
  if (!isAccepted && order.charge === null) return still('Nobody wrote down what was paid for it.')
  const { accept_amount: isAmountAccepted = false } = correction
  const several = isAccepted || isAmountAccepted ? null : severalUnits(next, rules.catalogue)
  if (several !== null) return still(several)
  if (!isAccepted && !isAmountAccepted && plan.interval !== null && order.subscription_id === null)
    return still(
      `Paid once for the plan ${JSON.stringify(plan.id)}, which is paid by the ${plan.interval}: nothing would ever charge for it again. Send "accept_amount": true with a "reason" to give it for good for what was paid, name a plan that is paid once, or end the order and refund it.`,
    )
  if (!isAccepted && !isAmountAccepted && order.charge !== null && !isPaidInFull(order.charge, price))
    return still(
      `Paid ${formatMoney(order.charge.paid)} where the plan costs ${formatMoney(price)}. Send "accept_amount": true with a "reason" to accept that, name the plan that was paid for, or end the order and refund it.`,
    )
  const delivery = { ...next.delivery, released: true }
  const released = { ...next, price, wanted: order.wanted ?? 'running', delivery }
  return reevaluateOrder(order, released, { rules, note: noteOf(correction), isPublished: true })
}

function corrected(order: Order, correction: Correction): Order {
  return {
    ...order,
    plan: correction.plan ?? order.plan,
    region: correction.region ?? order.region,
    server_name: correction.server_name ?? order.server_name,
    environment: correction.environment ?? order.environment,
    customer: { ...order.customer, email: correction.customer_email ?? order.customer.email },
  }
}

function noteOf({ accept_amount, reason, ...correction }: Correction): string {
  const fields = Object.keys(correction)
  if (accept_amount) return `Amount accepted: ${reason}`
  return fields.length === 0 ? 'Decided again' : `Decided again with another ${fields.join(', ')}`
}

function still(why: string): Held {
  return { kind: 'held', code: 'still_held', why }
}
