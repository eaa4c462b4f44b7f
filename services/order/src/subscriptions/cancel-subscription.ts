import { runAdminCommand } from '../commands/run-admin-command.ts'
import { changeAtGateway, problemOf } from '../peers/gateway.ts'
import { applySubscription } from '../rules/decisions/apply-subscription.ts'
import { reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import { checkSubscription } from '../rules/decisions/validate-plan-change.ts'
import { findOrder } from '../store/orders.ts'
import { cancelUnpaid } from './cancel-unpaid.ts'
import { applyAnswer, refusalOf } from './change-plan.ts'
import { type SubscriptionContext, writeOrder } from './write-order.ts'

type Asked = { id: string; by: string }

/** Ends what is paid for an order: at once, or when the period that is paid is over. What is paid once can only end at once. */
export async function cancelSubscription(
  context: SubscriptionContext,
  asked: Asked,
  when: 'now' | 'period_end',
): Promise<void> {
  const order = await findOrder(context.prisma, asked.id)
  if (order.billing_status === 'unpaid') return await cancelUnpaid(context, asked)
  const found = checkSubscription(order)
  if (found.kind === 'refused') {
    const isPaidOnce = found.code === 'order_without_subscription'
    if (!isPaidOnce || when === 'period_end') throw refusalOf(asked.id, found)
    const command = { do: 'terminate' } as const
    return await runAdminCommand(context, { ...asked, command, reason: 'Cancelled' })
  }
  const { cancel_at, ends_for } = found.subscription
  // An end that we had set ourselves becomes the customer's.
  if (when === 'period_end' && cancel_at !== null && ends_for === undefined) return
  await change(context, asked, { subscription: found.subscription, what: { do: 'cancel', when } })
}

/** Takes back what is to end with its period. */
export async function keepSubscription(context: SubscriptionContext, asked: Asked): Promise<void> {
  const found = checkSubscription(await findOrder(context.prisma, asked.id))
  if (found.kind === 'refused') throw refusalOf(asked.id, found)
  if (found.subscription.cancel_at === null) return
  await change(context, asked, { subscription: found.subscription, what: { do: 'keep' } })
}

// Who ends it at once is the evidence: its server is not to wait until Stripe is asked.
async function applyEnd(...[context, asked, answer]: Parameters<typeof applyAnswer>): Promise<void> {
  await writeOrder(context, asked, (order, rules) => {
    const lookedUp = { ...order, money: { ...order.money, asked_at: rules.now.toISOString() } }
    const decision = applySubscription(lookedUp, answer, rules)
    // Its event may have arrived before.
    return decision.kind === 'apply' ? decision : reevaluateOrder(order, lookedUp, { rules })
  })
}

type Change = { do: 'cancel'; when: 'now' | 'period_end' } | { do: 'keep' }

async function change(
  context: SubscriptionContext,
  asked: Asked,
  { subscription, what }: { subscription: { subscription_id: string; version: number }; what: Change },
): Promise<void> {
  const { subscription_id, version } = subscription
  const how = 'when' in what ? `cancel/${what.when}` : 'keep'
  try {
    const request_id = `${asked.id}/${how}/${version}`
    const answer = await changeAtGateway(context, { request_id, subscription_id, change: what })
    const isEnd = what.do === 'cancel' && what.when === 'now'
    await (isEnd ? applyEnd : applyAnswer)(context, { ...asked, what: 'cancel' }, answer)
  } catch (error) {
    throw problemOf(asked.id, error)
  }
}
