import type { BillingFinding, PaymentState, SubscriptionItem } from '@spawnpoint/contracts'
import type { Catalogue, Plan } from '../order/catalogue.ts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import type { BillingSummary } from './billing-summary.ts'
import { findPlan, isListed, planItemOf } from './find-plan.ts'
import { hasEnded } from './has-ended.ts'
import { acceptedCharge } from './pays-enough.ts'
import { isOfSeveralPlans, quantityBought } from './quantity.ts'

/** A subscription that charges for something else than the order's plan, or for more than one server. */
export function planPriceMismatch(
  order: Order,
  { subscription, present, payments }: BillingSummary,
  { plan, catalogue }: { plan: Plan | undefined; catalogue: Catalogue },
): BillingFinding[] {
  if (!subscription || hasEnded(subscription) || catalogue.plans.size === 0) return []
  const { subscription_id: about, items } = subscription
  const named = planItemOf(items, catalogue)
  const item = named && withAmount(named, present)
  if (!item) return noneOfPlan(order, { about, items })
  const several = severalServers(order, item, catalogue)
  if (several.length > 0) return several
  // Its invoice comes right after the session.
  if (item.amount === null && present.some(isOfSessionAlone)) return []
  if (plan && isListed(plan, item.price) && item.quantity > 0) return []
  if (isItsPlan(item, order, catalogue) && isItsInterval(item, plan) && isAsAccepted(item, order, payments))
    return []
  const sold = findPlan(catalogue, { prices: [item.price], name: item.plan })
  if (sold && (sold.id === order.next_plan || (sold.id === order.plan && isSamePrice(item, order, plan))))
    return []
  if (!sold && item.plan === null && isSamePrice(item, order, plan)) return []
  const belongs = sold
    ? `of plan ${JSON.stringify(sold.id)}`
    : item.plan === null
      ? 'of no plan'
      : `of the unknown plan ${JSON.stringify(item.plan)}`
  const finding = `Subscription ${about} charges ${inWords(item)} by ${item.price ?? 'a Price'} ${belongs}; the order has plan ${JSON.stringify(order.plan)} for ${formatMoney(order.price)}. List the Price under its plan (stripe_prices), or change the plan.`
  return [{ kind: 'plan_price_mismatch', about, finding }]
}

// In fractions, or in another currency of its Price, an item does not say what it charges: its invoice does.
function withAmount(item: SubscriptionItem, present: PaymentState[]): SubscriptionItem {
  if (item.amount !== null) return item
  const paid = present.find(({ plan_line: line }) => line && !line.proration && line.price === item.price)
  const { plan_line: line } = paid ?? {}
  if (!paid || !line || line.quantity === 0) return item
  return { ...item, amount: Math.round(line.amount / line.quantity), currency: paid.paid.currency }
}

function isItsPlan({ price, plan }: SubscriptionItem, order: Order, catalogue: Catalogue): boolean {
  const sold = findPlan(catalogue, { prices: [price], name: plan })
  return sold?.id === order.plan || (sold === null && plan === null)
}

function isItsInterval({ interval, interval_count }: SubscriptionItem, sold: Plan | undefined): boolean {
  return !sold?.interval || (interval === sold.interval && interval_count === 1)
}

function isAsAccepted(item: SubscriptionItem, order: Order, payments: PaymentState[]): boolean {
  const accepted = acceptedCharge(order, payments)
  if (accepted === null || item.price !== accepted.price || item.currency !== accepted.currency) return false
  return item.amount !== null && item.amount * item.quantity === accepted.amount
}

function isOfSessionAlone({ kind, plan_line, lines }: PaymentState): boolean {
  return kind === 'first' && !plan_line && !lines
}

// Several items, and which of them is the plan's nobody says: together they may cost what it costs.
function noneOfPlan(
  { plan, price }: Order,
  { about, items = [] }: { about: string; items: SubscriptionItem[] | undefined },
): BillingFinding[] {
  const isPrice = items.every(({ currency, amount }) => currency === price.currency && amount !== null)
  const sum = items.reduce((total, { amount, quantity }) => total + (amount ?? 0) * quantity, 0)
  if (items.length === 0 || (isPrice && sum >= price.amount)) return []
  const finding = `Subscription ${about} charges ${items.map(inWords).join(' and ')}, and none of these Prices belongs to a plan; the order has plan ${JSON.stringify(plan)} for ${formatMoney(price)}. List the plan's Price under it (stripe_prices).`
  return [{ kind: 'plan_price_mismatch', about, finding }]
}

// Who pays more than the plan costs by a Price that names it, bought it at another time.
function isSamePrice(item: SubscriptionItem, { price }: Order, sold: Plan | undefined): boolean {
  const { amount, currency, quantity, plan } = item
  if (quantity !== 1 || amount === null || currency === null) return false
  const prices = sold ? [price, sold.price] : [price]
  const isEnough = prices.some(
    (one) => currency === one.currency && (plan === null ? amount === one.amount : amount >= one.amount),
  )
  return isItsInterval(item, sold) && isEnough
}

function inWords({ amount, currency, quantity, interval, interval_count }: SubscriptionItem): string {
  const price =
    amount === null || currency === null
      ? 'an amount that only its invoices tell'
      : formatMoney({ amount, currency })
  const times = quantity === 1 ? '' : ` × ${quantity}`
  const every = interval_count === 1 ? `a ${interval}` : `every ${interval_count} ${interval}s`
  return `${price}${times}${interval === null ? '' : ` ${every}`}`
}

// What a person accepted when it was bought stays accepted.
function severalServers(order: Order, item: SubscriptionItem, catalogue: Catalogue): BillingFinding[] {
  const { subscription } = order.money
  if (!subscription) return []
  const { subscription_id: about, items = [] } = subscription
  const { released } = order.delivery
  const bought = quantityBought(order) ?? (released ? item.quantity : 1)
  const isMore = item.quantity > Math.max(1, bought)
  if (!isMore && (released || !isOfSeveralPlans(items, catalogue))) return []
  const charged = isMore ? inWords(item) : items.map(inWords).join(' and ')
  const finding = `Subscription ${about} charges ${charged} for several servers, and one order is one server: sell each as an order of its own, and take it out of this subscription at Stripe.`
  return [{ kind: 'plan_price_mismatch', about, finding }]
}
