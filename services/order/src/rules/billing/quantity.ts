import type { Catalogue } from '../order/catalogue.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import { findPlan, planItemOf } from './find-plan.ts'

type Known = Pick<Order, 'id' | 'plan' | 'payment_id' | 'money'>

/** How many units of the plan its first payment bought, as its invoice or its subscription says; 1 where neither was read. */
function quantityOf({ payment_id, money }: Known, catalogue: Catalogue): number {
  const line = firstOf({ payment_id, money })?.plan_line?.quantity ?? 1
  const item = planItemOf(money.subscription?.items, catalogue)?.quantity ?? 1
  return Math.max(line, item)
}

type Charged = { item: string | null; price: string | null; plan: string | null; proration?: boolean }

/** The items that charge for a plan, by their Prices or by metadata: add-ons name none, and tiers are of one item. */
function serversCharged(charged: Charged[], catalogue: Catalogue): number {
  const whole = charged.filter(({ proration = false }) => !proration)
  const items = whole.flatMap(({ item, price, plan }) => {
    const found = findPlan(catalogue, { prices: [price], name: plan })
    return found ? [item ?? found.id] : []
  })
  return new Set(items).size
}

/** One order is one server. */
export function isOfSeveralPlans(charged: Charged[] | null | undefined, catalogue: Catalogue): boolean {
  return serversCharged(charged ?? [], catalogue) > 1
}

/** How many units its first payment bought; null where its invoice was not read. */
export function quantityBought(order: Pick<Known, 'payment_id' | 'money'>): number | null {
  return firstOf(order)?.plan_line?.quantity ?? null
}

/** Why an order of several units is held, and the ways out; null where one was bought. */
export function severalUnits(order: Known, catalogue: Catalogue): string | null {
  const quantity = quantityOf(order, catalogue)
  if (quantity <= 1) return null
  const name = catalogue.plans.get(order.plan)?.name ?? order.plan
  const paid = firstOf(order)?.paid
  const bought = `${quantity} × ${name}${paid ? ` (${formatMoney(paid)} paid)` : ''}`
  return `Bought ${bought}, and one order is one server: held. To make one server for this amount, POST /admin/orders/${order.id}/decide with "accept_amount": true and a "reason"; or end the order and refund it; or refund it and sell each unit as an order of its own.`
}

function firstOf({ payment_id, money }: Pick<Known, 'payment_id' | 'money'>) {
  return money.payments.find((payment) => payment.payment_id === payment_id)
}
