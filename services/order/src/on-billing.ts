import type { AnyEvent, Payment } from '@spawnpoint/contracts'
import { derivedId, type Outcome } from '@spawnpoint/messaging'
import { readCatalogue } from './catalogue.ts'
import { applyPayment, type Decision, heldOrder, type Order, placedOrder } from './order.ts'
import { type Change, lockOrders, saveOrders, type Tx } from './orders.ts'

type PaymentEvent = Extract<AnyEvent, { type: 'payment.succeeded' | 'payment.failed' }>

/** Payments: an order that waits for one becomes paid, and a payment that names a plan and a region begins an order. */
export async function onBilling(tx: Tx, events: AnyEvent[], now: Date): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>()
  const changes: Change[] = []
  const payments = events.filter(isPayment)
  for (const event of events)
    if (!isPayment(event)) outcomes.set(event.id, { outcome: 'ignored', reason: `${event.type}_not_used` })
  const orders = await lockOrders(tx, [...new Set(payments.map(({ data }) => orderIdOf(data)))])
  const begin = await beginner(tx)
  for (const event of payments) {
    const id = orderIdOf(event.data)
    const order = orders.get(id)
    if (!order && event.data.order_id !== null) {
      outcomes.set(event.id, { outcome: 'parked', waitingFor: `order:${id}` })
      continue
    }
    const decision = order ? applyPayment(order, event.data) : begin(id, event.data)
    if (decision.kind === 'ignored') {
      outcomes.set(event.id, { outcome: 'ignored', reason: decision.reason })
      continue
    }
    orders.set(id, decision.order)
    changes.push(changeBy(event, decision, now))
    outcomes.set(event.id, { outcome: 'done' })
  }
  await saveOrders(tx, changes)
  return outcomes
}

function orderIdOf(payment: Payment): string {
  return payment.order_id ?? derivedId(payment.payment_id, 'order')
}

function isPayment(event: AnyEvent): event is PaymentEvent {
  return event.type === 'payment.succeeded' || event.type === 'payment.failed'
}

function changeBy(event: AnyEvent, decision: Extract<Decision, { kind: 'apply' }>, at: Date): Change {
  return {
    order: decision.order,
    event: decision.event as Change['event'],
    cause: event.id,
    note: decision.note,
    at,
  }
}

/** Begins an order from a payment that no order waited for: a Payment Link, or a checkout of the seller's own. */
async function beginner(tx: Tx): Promise<(id: string, payment: Payment) => Decision> {
  const catalogue = await readCatalogue(tx)
  return (id, payment) => {
    if (payment.status !== 'succeeded') return { kind: 'ignored', reason: 'no_order_began' }
    const plan = catalogue.plans.get(payment.plan ?? '')
    const region = payment.region ?? (catalogue.regions.size === 1 ? [...catalogue.regions][0] : undefined)
    const order = wished(id, payment, plan?.price ?? payment.paid, region ?? '?')
    if (!plan) return heldOrder(order, payment, `Paid for the unknown plan ${payment.plan ?? '(none)'}: held`)
    if (!region || !catalogue.regions.has(region))
      return heldOrder(order, payment, `Paid for the unknown region ${payment.region ?? '(none)'}: held`)
    if (!payment.customer_email) return heldOrder(order, payment, 'Paid without an e-mail address: held')
    return applyPayment(order, payment)
  }
}

function wished(id: string, payment: Payment, price: Payment['paid'], region: string): Order {
  const email = payment.customer_email ?? 'unknown@invalid.invalid'
  const customer = { id: null, email, name: payment.customer_name ?? email }
  const serverName = payment.server_name ?? `${payment.plan ?? 'Game'} server`
  return {
    ...placedOrder(
      id,
      { plan: payment.plan ?? '?', region, customer, server_name: serverName, environment: {} },
      price,
    ),
    version: 0,
  }
}
