import type { Subscription } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import type { Catalogue } from '../catalogue.ts'
import type { Rules } from '../decision.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { Order } from '../order.ts'
import { lockOrders, saveOrders } from '../orders.ts'
import {
  type Answer,
  changeAtGateway,
  type GatewayContext,
  readAtGateway,
  withoutAnswer,
} from '../subscriptions/ask-gateway.ts'
import { keepQuietly } from './due-orders.ts'
import { followMoney, policyOf } from './follow-money.ts'
import { followPlan } from './follow-plan.ts'
import { knowSubscription } from './know-money.ts'
import { standing } from './standing.ts'
import { mayRenew } from './troubles.ts'

type Context = GatewayContext & { prisma: PrismaClient }
type Look = {
  catalogue: Catalogue
  now: Date
  mayAsk: boolean
  /** Called with what became of a question. */
  asked: (order: Order, became: 'answered' | 'refused' | 'silent') => void
}

/**
 * What is due for an order by now is done. Before anything is done for want of money, the gateway is asked, outside of any
 * transaction: who does not hear of the money must not punish who paid. Null: it has to wait for an answer.
 */
export async function lookAgain(context: Context, order: Order, look: Look): Promise<string | null> {
  const rules = { catalogue: look.catalogue, now: look.now }
  const question = questionOf(order, rules)
  if (question !== null && !look.mayAsk) return null
  const answer = question && (await question(context))
  if (answer !== null) look.asked(order, typeof answer === 'string' ? answer : 'answered')
  if (typeof answer === 'string') return null
  const { prisma, log } = context
  const said = await inTransaction(prisma, async (tx) => {
    const known = (await lockOrders(tx, [order.id])).get(order.id)
    // Another replica was here, or something was heard.
    if (!known?.money_due_at || Date.parse(known.money_due_at) > look.now.getTime()) return 'done'
    const answered = answer === null ? known : withAnswer(known, answer, rules)
    const { kind: _, ...change } = followMoney(known, answered, { rules })
    if (change.event === null) {
      await keepQuietly(tx, change.order)
      return 'done'
    }
    const cause = `clock/${order.id}/${change.order.version}`
    await saveOrders(tx, [{ ...change, cause, at: look.now }])
    return change.event
  })
  if (said !== 'done') log.info({ orderId: order.id, event: said }, `Looked at again: ${order.id}`)
  return said
}

type Question = (context: Context) => Promise<Answer>

function questionOf(order: Order, rules: Rules): Question | null {
  const { subscription_id } = order
  if (subscription_id === null) return null
  if (isLeftOver(order)) return (context) => endLeftOver(context, order.id, subscription_id)
  const { mustAsk } = standing(order, { policy: policyOf(rules, order.plan), now: rules.now })
  return mustAsk ? (context) => readAtGateway(context, subscription_id) : null
}

/** The order has ended, and its subscription would ask for more money. */
function isLeftOver(order: Order): boolean {
  return order.desired === 'terminated' && mayRenew(order)
}

async function endLeftOver(context: Context, id: string, subscription_id: string): Promise<Answer> {
  try {
    const change = { do: 'cancel', when: 'now' } as const
    return await changeAtGateway(context, { request_id: `${id}/ended`, subscription_id, change })
  } catch (error) {
    context.log.warn({ err: error, orderId: id }, 'The subscription of an ended order could not be ended')
    return withoutAnswer(error)
  }
}

function withAnswer(order: Order, answer: Subscription, rules: Rules): Order {
  const known = knowSubscription(order, answer)
  const next = typeof known === 'string' ? order : followPlan(order, known, rules)
  return { ...next, money: { ...next.money, asked_at: rules.now.toISOString() } }
}
