import { type Checkout, readBilling, type Subscription } from '@spawnpoint/contracts'
import { ask, RequestRefused } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import { alreadyPaid, requestCheckout } from '../peers/request-checkout.ts'
import { hasEnded } from '../rules/billing/has-ended.ts'
import { reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import { type Renewable, validateRenewal } from '../rules/decisions/validate-renewal.ts'
import { formatMoney } from '../rules/order/format-money.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { saveCheckout } from '../store/checkouts.ts'
import { findOrder } from '../store/orders.ts'
import { applyAnswer, refusalOf } from './change-plan.ts'
import { type SubscriptionContext, writeOrder } from './write-order.ts'

/** The event of a last-minute payment arrives later. */
const marginMs = 1_800_000

type Asked = { id: string; by: string }

/**
 * A page where a returning customer pays for the same order, and keeps the same server: only once its subscription has ended, as
 * Stripe reports now. What it is to cost is written down before anybody can pay it.
 */
export async function renewOrder(
  context: SubscriptionContext,
  asked: Asked,
): Promise<{ id: string; checkout_url: string }> {
  const { id } = asked
  const renewable = await requireEnded(context, asked)
  const order = await findOrder(context.prisma, id)
  const { plan, renews } = renewable
  const request = {
    order_id: id,
    product_name: plan.name,
    price: plan.price,
    interval: plan.interval,
    customer_email: order.customer.email,
    metadata: { order_id: id, plan: plan.id, region: order.region },
    renews,
  }
  const checkout = await requestCheckout(context, request, problemOf)
  await writeOffer(context, asked, { ...renewable, checkout })
  await saveCheckout(context.prisma, id, checkout)
  return { id, checkout_url: checkout.checkout_url }
}

/** A subscription that goes on as far as is known here is looked up at Stripe first. */
async function requireEnded(context: SubscriptionContext, asked: Asked): Promise<Renewable> {
  const { id } = asked
  const catalogue = await readCatalogue(context.prisma)
  const checked = validateRenewal(await findOrder(context.prisma, id), catalogue)
  if (checked.kind === 'refused') throw refusalOf(id, checked)
  if (checked.kind === 'renewable') return checked
  const { subscription_id } = checked
  const reported = await subscriptionNow(context, id, subscription_id)
  if (reported !== null) await applyAnswer(context, { ...asked, what: 'renew' }, reported)
  const order = await findOrder(context.prisma, id)
  const again = validateRenewal(order, catalogue, reported === null ? [subscription_id] : undefined)
  if (again.kind === 'renewable') return again
  throw again.kind === 'refused' ? refusalOf(id, again) : goesOn(id, subscription_id)
}

/** Null: Stripe has no such subscription. */
export async function subscriptionNow(
  { nats, answerWithinMs, log }: SubscriptionContext,
  id: string,
  subscription_id: string,
): Promise<Subscription | null> {
  const request = { subscription_id, payment_ids: [] }
  try {
    return (await ask({ nats, contract: readBilling, request, timeoutMs: answerWithinMs })).subscription
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    if (error.code === 'subscription_unknown') return null
    log.warn({ err: error, orderId: id }, 'Stripe could not be asked about the subscription of an order')
    throw new Problem(
      503,
      'stripe_unavailable',
      `Stripe does not report the subscription of order ${id} now. Send the same request again in a moment.`,
      { retryAfterSeconds: 5 },
    )
  }
}

// Which subscription Stripe has no longer, and until when the page is open. What the order costs changes once that is paid, for its
// customer may pay the open invoice of before instead.
async function writeOffer(
  context: SubscriptionContext,
  asked: Asked,
  { plan: { price }, renews, checkout }: Renewable & { checkout: Checkout },
): Promise<void> {
  await writeOrder(context, { ...asked, what: 'renew' }, (order, rules) => {
    if (order.subscription_id !== renews) return null
    const renewal_until = new Date(Date.parse(checkout.expires_at) + marginMs).toISOString()
    if (order.money.renewal_until === renewal_until) return null
    const money = { ...withUnknown(order, renews), renewal_until }
    const note = `Renewal offered for ${formatMoney(price)}`
    return reevaluateOrder(order, { ...order, money }, { rules, note })
  })
}

export function withUnknown({ money }: Order, renews: string): Order['money'] {
  const { unknown_subscriptions: known = [], subscription } = money
  if (hasEnded(subscription) || known.includes(renews)) return money
  return { ...money, unknown_subscriptions: [...known, renews] }
}

export function goesOn(id: string, subscription: string): Problem {
  return new Problem(
    409,
    'subscription_goes_on',
    `Order ${id} stays as it is. Subscription ${subscription} goes on at Stripe and pays for it: a second one would charge twice. To keep it after a cancellation, DELETE /orders/${id}/cancel.`,
  )
}

function problemOf(id: string, { code, message }: RequestRefused): Problem {
  switch (code) {
    case 'already_paid':
      return alreadyPaid(id)
    case 'order_differs':
      return new Problem(
        409,
        'plan_changed',
        `The plan or the customer of order ${id} has changed since its renewal page was opened. Send the same request again once that page has closed.`,
      )
    case 'stripe_refused':
      return new Problem(
        422,
        'checkout_refused',
        `The renewal page of order ${id} cannot be made. ${message}`,
      )
    default:
      return new Problem(
        503,
        'checkout_unavailable',
        `The renewal page of order ${id} could not be made (${code}: ${message}). Send the same request again.`,
        { retryAfterSeconds: 2 },
      )
  }
}
