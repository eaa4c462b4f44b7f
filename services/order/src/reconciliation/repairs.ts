import { billingStatement, type Payment } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { appendOutbox, ask, derivedId, newEvent } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import { runAdminCommand } from '../commands/run-admin-command.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { AskContext } from '../peers/provisioner.ts'
import { reevaluateOrder } from '../rules/decisions/reevaluate-order.ts'
import { leftOf, refundWords } from '../rules/discrepancies/find-discrepancies.ts'
import { formatMoney } from '../rules/order/format-money.ts'
import { type Order, orderState } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import type { DiscrepancyRow } from '../store/discrepancies.ts'
import { lockOrders, readOrders } from '../store/orders.ts'
import { saveOrders } from '../store/save-orders.ts'

export type RepairDeps = AskContext & { prisma: PrismaClient; wake: () => void; log: Logger }

/** Publishes the order once more, as a new event: where it was consumed it changes nothing. */
export async function republishOrder(
  prisma: PrismaClient,
  { id, version, order_id }: DiscrepancyRow,
): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    const order = (await lockOrders(tx, [order_id ?? ''])).get(order_id ?? '')
    if (!order) return
    const data = orderState(order)
    const about = { subject: order.id, version: order.version, data, time: new Date() }
    const cause = `again/${id}/${version}`
    await appendOutbox(tx, [newEvent({ source: 'order', cause, type: 'order.changed', ...about })])
  })
}

/** Ends the order and with it its server; of one that has ended the event is published again. */
export async function endOrder(deps: RepairDeps, discrepancy: DiscrepancyRow, by: string): Promise<void> {
  const { order_id: id } = discrepancy
  const order = id === null ? undefined : (await readOrders(deps.prisma, [id])).get(id)
  if (!order) return
  // It was found some time ago: an order that is paid for meanwhile keeps its server.
  if (order.desired === 'running' || order.desired === 'suspended') throw overByNow(discrepancy)
  if (order.desired === 'terminated') return await republishEnd(deps.prisma, order.id, discrepancy)
  const ending = { command: { do: 'terminate' }, reason: 'Nobody pays for it' } as const
  await runAdminCommand(deps, { id: order.id, ...ending, by })
}

// As a newer version: the provisioner has this one, and takes it for something else.
async function republishEnd(
  prisma: PrismaClient,
  id: string,
  { version, ...discrepancy }: DiscrepancyRow,
): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    const order = (await lockOrders(tx, [id])).get(id)
    if (!order) return
    const next = { ...order, version: order.version + 1 }
    const change = { order: next, event: 'order.ended', note: 'Ended already, and said again' } as const
    await saveOrders(tx, [{ ...change, cause: `again/${discrepancy.id}/${version}`, at: new Date() }])
  })
}

/** Takes the amount that the gateway recorded, and decides the order by it. */
export async function takeRealAmount(deps: RepairDeps, discrepancy: DiscrepancyRow): Promise<void> {
  const payment = await readPayment(deps, discrepancy)
  const now = new Date()
  await inTransaction(deps.prisma, async (tx) => {
    const rules = { catalogue: await readCatalogue(tx), now }
    const order = (await lockOrders(tx, [discrepancy.order_id ?? ''])).get(discrepancy.order_id ?? '')
    if (!order) return
    const note = `Really paid: ${formatMoney(payment.paid)}`
    const { kind: _, ...change } = reevaluateOrder(order, withAmount(order, payment), {
      rules,
      note,
      isPublished: true,
    })
    await saveOrders(tx, [{ ...change, cause: `amount/${discrepancy.id}/${discrepancy.version}`, at: now }])
  })
}

function withAmount(
  order: Order,
  { payment_id, paid, discount, tax, shipping, nothing_owed }: Payment,
): Order {
  const payments = order.money.payments.map((known) =>
    known.payment_id === payment_id ? { ...known, paid } : known,
  )
  const charge = { paid, discount, tax, shipping, nothing_owed }
  return { ...order, charge, money: { ...order.money, payments } }
}

/** Requests a refund of what is left of a payment that pays for nothing. */
export async function requestRefund(deps: RepairDeps, discrepancy: DiscrepancyRow): Promise<void> {
  const payment = await readPayment(deps, discrepancy)
  const { payment_id } = payment
  const amount = leftOf(payment)
  if (amount.amount === 0) return
  if (discrepancy.order_id === null || discrepancy.confirmation !== refundWords(amount, discrepancy.order_id))
    throw new Problem(
      409,
      'difference_changed',
      `Of ${payment_id} another amount is left by now: reconcile again, and confirm that.`,
    )
  await inTransaction(deps.prisma, async (tx) => {
    const order = (await lockOrders(tx, [discrepancy.order_id ?? ''])).get(discrepancy.order_id ?? '')
    if (!order) return
    // The other one was refunded meanwhile, and the order is billed by this one.
    if (order.payment_id === payment_id) throw overByNow(discrepancy)
    const refund_request = {
      refund_request_id: derivedId(`${discrepancy.id}/${payment_id}`, 'refund'),
      payment_id,
      amount,
      reason: discrepancy.finding.slice(0, 500),
    }
    const data = { ...orderState(order), refund_request, note: discrepancy.finding }
    const cause = `refund/${discrepancy.id}/${payment_id}`
    const about = { subject: order.id, version: order.version, data, time: new Date() }
    await appendOutbox(tx, [newEvent({ source: 'order', cause, type: 'order.refund_requested', ...about })])
  })
}

function overByNow({ id }: DiscrepancyRow): Problem {
  return new Problem(409, 'difference_over', `Discrepancy ${id} is over by now: reconcile again.`)
}

async function readPayment(
  { nats, answerWithinMs }: RepairDeps,
  { payment_id }: DiscrepancyRow,
): Promise<Payment> {
  const only = payment_id === null ? [] : [payment_id]
  const { payments } = await ask({
    nats,
    timeoutMs: answerWithinMs,
    contract: billingStatement,
    request: { of: 'payments', after: '', only },
  })
  const [payment] = payments
  if (!payment)
    throw new Problem(409, 'payment_unknown', `The gateway knows no payment ${payment_id} any more.`)
  return payment
}
