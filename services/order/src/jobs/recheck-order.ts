import { inTransaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import {
  changeAtGateway,
  type GatewayContext,
  lookUpAtStripe,
  refusedOrUnanswered,
} from '../peers/gateway.ts'
import { summarizeBilling } from '../rules/billing/billing-summary.ts'
import { evaluateBilling } from '../rules/billing/evaluate-billing.ts'
import { isReturned } from '../rules/billing/period.ts'
import { unchargedChanges } from '../rules/billing/plan-changes.ts'
import { recordRefundCancellation } from '../rules/billing/refund-cancellation.ts'
import { mayEnd } from '../rules/billing/subscription-end.ts'
import { applyLookup, type Reported } from '../rules/decisions/apply-lookup.ts'
import { policyOf, reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import type { Catalogue } from '../rules/order/catalogue.ts'
import type { Rules } from '../rules/order/decision.ts'
import type { Order } from '../rules/order/order.ts'
import { saveUnpublished } from '../store/due-orders.ts'
import { lockOrders } from '../store/orders.ts'
import { saveOrders } from '../store/save-orders.ts'

type Context = GatewayContext & { prisma: PrismaClient }
type Recheck = {
  catalogue: Catalogue
  now: Date
  mayAsk: boolean
  /** Looks up at Stripe whether or not anything is due. */
  isForced?: boolean
  /** Called with the outcome of a lookup. */
  asked: (order: Order, became: 'answered' | 'refused' | 'unanswered') => void
}

/**
 * Does what is due for an order. Before an order is suspended or ended for non-payment, its money is looked up at Stripe, outside
 * of any transaction: a lost event must not punish a customer who paid. Null: it has to wait for the lookup.
 */
export async function recheckOrder(context: Context, order: Order, options: Recheck): Promise<string | null> {
  const rules = { catalogue: options.catalogue, now: options.now }
  const question = options.isForced ? lookupOf(order, rules) : questionOf(order, rules)
  if (question !== null && !options.mayAsk) return null
  const answer = question && (await question(context))
  if (answer !== null) options.asked(order, typeof answer === 'string' ? answer : 'answered')
  if (typeof answer === 'string') return null
  const { prisma, log } = context
  const event = await inTransaction(prisma, async (tx) => {
    const known = (await lockOrders(tx, [order.id])).get(order.id)
    // Another replica was faster, or an event arrived.
    const isDue = known?.money_due_at && Date.parse(known.money_due_at) <= options.now.getTime()
    if (!known || !(isDue || options.isForced)) return 'done'
    const answered = answer === null ? known : applyAnswer(known, answer, rules)
    const { kind: _, ...change } = reevaluateOrder(known, answered, { rules })
    if (change.event === null && !change.findingsChanged) {
      await saveUnpublished(tx, change.order)
      return 'done'
    }
    const cause = `clock/${order.id}/${change.order.version}`
    await saveOrders(tx, [{ ...change, cause, at: options.now }])
    return change.event
  })
  if (event !== 'done') log.info({ orderId: order.id, event }, `Order rechecked: ${order.id}`)
  return event
}

/** `isEnded`: we had the subscription end with its period, because its money went back. */
type Answer = Reported & { isEnded?: boolean }
type Question = (context: Context) => Promise<Answer | 'refused' | 'unanswered'>

function applyAnswer(order: Order, { isEnded = false, ...reported }: Answer, rules: Rules): Order {
  const answered = applyLookup(order, reported, rules)
  return isEnded ? recordRefundCancellation(answered, rules.now) : answered
}

function questionOf(order: Order, rules: Rules): Question | null {
  const { subscription_id } = order
  if (mayStillCharge(order) && subscription_id !== null)
    return (context) =>
      changeSubscription(context, order.id, { subscription_id, what: { do: 'cancel', when: 'now' } })
  const options = { policy: policyOf(rules, order.plan), now: rules.now, catalogue: rules.catalogue }
  const { mustAsk, endsSubscription, keepsSubscription } = evaluateBilling(order, options)
  // At the end of its period, which can be taken back: a refund may still fail.
  if (endsSubscription && subscription_id !== null)
    return afterLookup(order, rules, {
      subscription_id,
      what: { do: 'cancel', when: 'period_end', because: 'refund' },
    })
  if (keepsSubscription && subscription_id !== null)
    return afterLookup(order, rules, { subscription_id, what: { do: 'keep' } })
  return mustAsk ? lookupOf(order, rules) : null
}

function lookupOf(order: Order, { now, catalogue }: Rules): Question {
  const { subscription_id } = order
  const summary = summarizeBilling(order, now.getTime(), catalogue)
  const { payments, present } = summary
  const decisive = payments.filter((payment) => present.includes(payment) || isReturned(payment))
  const payment_ids = decisive.map(({ payment_id }) => payment_id)
  const plan = catalogue.plans.get(order.plan)
  const isChanged = unchargedChanges(order, summary, { plan, catalogue, now: now.getTime() }).length > 0
  const request = { subscription_id, payment_ids: payment_ids.slice(0, 50), with_others: true }
  if (!isChanged) return (context) => lookUpAtStripe(context, request)
  return async (context) => {
    const answer = await lookUpAtStripe(context, { ...request, with_pending: true })
    // A gateway of an earlier version knows of nothing that waits.
    return typeof answer === 'string' ? answer : { pending_prices: [], ...answer }
  }
}

/** The order has ended, and its subscription would ask for more money. */
function mayStillCharge(order: Order): boolean {
  return order.desired === 'terminated' && mayEnd(order)
}

type What = { do: 'cancel'; when: 'now' | 'period_end'; because?: 'refund' } | { do: 'keep' }
type Change = { subscription_id: string; what: What }

/** The end of a subscription is set and taken back by what Stripe reports now, and only where nobody else has changed it. */
function afterLookup(order: Order, rules: Rules, change: Change): Question {
  return async (context) => {
    const reported = await lookupOf(order, rules)(context)
    if (typeof reported === 'string') return reported
    const answered = applyLookup(order, reported, rules)
    const options = { policy: policyOf(rules, order.plan), now: rules.now, catalogue: rules.catalogue }
    const { endsSubscription, keepsSubscription } = evaluateBilling(answered, options)
    const isStillSo = change.what.do === 'keep' ? keepsSubscription : endsSubscription
    if (!isStillSo) return reported
    const changed = await changeSubscription(context, order.id, change)
    if (typeof changed === 'string') return changed
    const { subscription } = changed
    return { subscription, payments: reported.payments, isEnded: change.what.do === 'cancel' }
  }
}

async function changeSubscription(
  context: Context,
  id: string,
  { subscription_id, what }: Change,
): ReturnType<Question> {
  try {
    const request_id = `${id}/${nameOf(what)}`
    const subscription = await changeAtGateway(context, { request_id, subscription_id, change: what })
    return { subscription, payments: [] }
  } catch (error) {
    context.log.warn({ err: error, orderId: id }, 'The subscription of an order could not be changed')
    return refusedOrUnanswered(error)
  }
}

function nameOf(what: What): string {
  if (what.do === 'keep') return 'refund-failed'
  return what.when === 'now' ? 'ended' : 'refunded'
}
