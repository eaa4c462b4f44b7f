import { inTransaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import { recheckOrder } from '../jobs/recheck-order.ts'
import { evaluateBilling } from '../rules/billing/evaluate-billing.ts'
import { policyOf, reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import type { Rules } from '../rules/order/decision.ts'
import { formatMoney } from '../rules/order/format-money.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import type { DiscrepancyRow } from '../store/discrepancies.ts'
import { lockOrders, readOrders } from '../store/orders.ts'
import { saveOrders } from '../store/save-orders.ts'
import type { RepairDeps } from './repairs.ts'

/** What the renewal charges is the price of the order from now on. */
export async function acceptPrice(
  { prisma }: RepairDeps,
  { id, order_id, payment_id, version }: DiscrepancyRow,
  by: string,
): Promise<void> {
  const now = new Date()
  await inTransaction(prisma, async (tx) => {
    const rules = { catalogue: await readCatalogue(tx), now }
    const order = (await lockOrders(tx, [order_id ?? ''])).get(order_id ?? '')
    const payment = order?.money.payments.find((one) => one.payment_id === payment_id)
    if (!order || !payment?.plan_line || !isFound(order, payment.payment_id, rules))
      throw new Problem(409, 'difference_over', `Discrepancy ${id} is over by now: reconcile again.`)
    const price = { amount: Math.max(0, payment.plan_line.amount), currency: payment.paid.currency }
    const note = `Its price is ${formatMoney(price)} from now on, accepted by ${by}`
    const { kind: _, ...change } = reevaluateOrder(
      order,
      { ...order, price },
      { rules, note, isPublished: true },
    )
    await saveOrders(tx, [{ ...change, cause: `price/${id}/${version}`, at: now }])
  })
}

// What was found some time ago may be paid by now, or be a change of plan.
function isFound(order: Order, paymentId: string, rules: Rules): boolean {
  const { catalogue, now } = rules
  const evaluated = evaluateBilling(order, { policy: policyOf(rules, order.plan), now, catalogue }).order
  const { findings = [] } = evaluated.money
  return findings.some(({ about, settled_by: by }) => about === paymentId && by === 'accept_price')
}

/** What Stripe reports now decides. */
export async function lookUpBilling(deps: RepairDeps, orderId: string): Promise<void> {
  const order = (await readOrders(deps.prisma, [orderId])).get(orderId)
  if (!order) return
  const catalogue = await readCatalogue(deps.prisma)
  const done = await recheckOrder(deps, order, {
    catalogue,
    now: new Date(),
    mayAsk: true,
    isForced: true,
    asked: () => {},
  })
  if (done === null)
    throw new Problem(503, 'stripe_unavailable', 'Stripe could not be asked: send the same request again.', {
      retryAfterSeconds: 5,
    })
}
