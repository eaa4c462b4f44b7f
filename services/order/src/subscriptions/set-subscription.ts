import { adoptSubscription } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import { isRefusal, problemOf } from '../peers/gateway.ts'
import { mergePayments, mergeSubscription } from '../rules/billing/merge-billing-state.ts'
import type { Reported } from '../rules/decisions/apply-lookup.ts'
import { applyPlanChange } from '../rules/decisions/apply-plan-change.ts'
import { reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import { checkEnded } from '../rules/decisions/validate-renewal.ts'
import type { Catalogue } from '../rules/order/catalogue.ts'
import type { Order } from '../rules/order/order.ts'
import { findOrder, ordersBilledBy } from '../store/orders.ts'
import { applyAnswer, refusalOf } from './change-plan.ts'
import { goesOn, subscriptionNow, withUnknown } from './renew-order.ts'
import { type SubscriptionContext, writeOrder } from './write-order.ts'

type Change = { id: string; subscription_id: string; reason: string; by: string }

/**
 * An operator sets which subscription pays for an order whose own has ended or is unknown at Stripe, such as after a move to
 * another account. It is saved first, so that events of the new one are not taken for a second payment.
 */
export async function setSubscription(context: SubscriptionContext, change: Change): Promise<void> {
  const { id, subscription_id } = change
  const order = await findOrder(context.prisma, id)
  if (order.subscription_id === subscription_id && order.money.set_subscription === subscription_id) return
  const ended = await requireEnded(context, change)
  await refuseTaken(context, change)
  await write(context, change, (order) => ({
    ...order,
    money: { ...withUnknown(order, ended), set_subscription: subscription_id },
  }))
  try {
    const request = { subscription_id, order_id: id }
    const { nats, answerWithinMs: timeoutMs } = context
    const reported = await ask({ nats, timeoutMs, contract: adoptSubscription, request })
    const note = `Subscription ${ended} → ${subscription_id}: ${change.reason}`
    await write(context, change, (order, catalogue) => withReported(order, reported, catalogue), note)
  } catch (error) {
    if (isRefusal(error))
      await write(context, change, ({ money, ...order }) => ({ ...order, money: unset(money) }))
    throw problemOf(id, error)
  }
}

async function write(
  context: SubscriptionContext,
  { id, by }: Change,
  change: (order: Order, catalogue: Catalogue) => Order,
  note: string | null = null,
): Promise<void> {
  await writeOrder(context, { id, by, what: 'set-subscription' }, (order, rules) => {
    const changed = change(order, rules.catalogue)
    const next = note === null ? changed : applyPlanChange(order, changed, rules)
    // Until Stripe has answered, nothing follows from it.
    return note === null
      ? { kind: 'apply', event: null, note, order: next }
      : reevaluateOrder(order, next, { rules, note, isPublished: true })
  })
}

function withReported(order: Order, { subscription, payments }: Reported, catalogue: Catalogue): Order {
  const paid = mergePayments(order, payments, catalogue)
  const known = subscription === null ? paid : mergeSubscription(paid, subscription, catalogue)
  return typeof known === 'string' ? paid : known
}

function unset({ set_subscription: _, ...money }: Order['money']): Order['money'] {
  return money
}

/** The subscription that has ended, or that Stripe has no longer. */
async function requireEnded(context: SubscriptionContext, { id, by }: Change): Promise<string> {
  const checked = checkEnded(await findOrder(context.prisma, id))
  if (checked.kind === 'refused') throw refusalOf(id, checked)
  const { subscription_id } = checked
  if (checked.kind === 'ended') return subscription_id
  const reported = await subscriptionNow(context, id, subscription_id)
  if (reported === null) return subscription_id
  await applyAnswer(context, { id, by, what: 'set-subscription' }, reported)
  const again = checkEnded(await findOrder(context.prisma, id))
  if (again.kind === 'ended') return again.subscription_id
  throw again.kind === 'refused' ? refusalOf(id, again) : goesOn(id, subscription_id)
}

async function refuseTaken({ prisma }: SubscriptionContext, { id, subscription_id }: Change): Promise<void> {
  const other = (await ordersBilledBy(prisma, [subscription_id])).get(subscription_id)
  if (other && other !== id)
    throw new Problem(
      409,
      'subscription_taken',
      `Order ${id} stays as it is. Subscription ${subscription_id} pays for order ${other}.`,
    )
}
