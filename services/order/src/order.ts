import type { Charge, Customer, Money, OrderState, Payment, ServerState } from '@spawnpoint/contracts'
import { isPaidInFull } from './money/paid-in-full.ts'

/** `status` and `error_message` follow from what is known of the money and, beside it, of the server. */
export type Order = Omit<OrderState, 'order_id' | 'note' | 'previous_plan'> & {
  id: string
  charge: Charge | null
  error_message: string | null
  payment_version: number
  server_version: number
  server_status: ServerState['status'] | null
  server_error: string | null
  ptero_server_id: number | null
  ptero_identifier: string | null
  address: string | null
  /** Of the page its buyer was sent to last; null where we made none. */
  checkout_session_id: string | null
}

export type Applied = {
  kind: 'apply'
  order: Order
  event: 'order.paid' | 'order.changed' | 'order.suspended' | 'order.resumed' | 'order.ended' | null
  note: string | null
  /** Where the plan is another one now. */
  previousPlan?: string
  /** Decided, and yet a person has to do what the note says. */
  alarm?: 'paid_twice'
}
export type Decision = Applied | { kind: 'ignored'; reason: string }

export type OrderRequest = {
  plan: string
  region: string
  customer: Customer
  server_name: string
  environment: Record<string, string>
}

export function placedOrder(id: string, request: OrderRequest, price: Money): Order {
  return {
    ...request,
    id,
    version: 1,
    status: 'pending',
    billing_status: 'unpaid',
    desired: 'none',
    price,
    error_message: null,
    payment_id: null,
    payment_version: 0,
    charge: null,
    server_version: 0,
    server_status: null,
    server_error: null,
    ptero_server_id: null,
    ptero_identifier: null,
    address: null,
    checkout_session_id: null,
  }
}

/**
 * What this state of a payment makes of the order. Of all its payments the best decides, in whatever order they are heard:
 * in full before held, held before failed. Money that is in is never undone by a failure.
 */
export function applyPayment(order: Order, payment: Payment): Decision {
  const isKnown = order.payment_id === payment.payment_id
  if (isKnown && payment.version <= order.payment_version) return ignored('older_payment_version')
  switch (payment.status) {
    case 'pending':
      // What is heard first of a payment under way keeps the place of its server.
      if (order.status !== 'pending' || order.payment_id !== null) return ignored('payment_pending')
      return changed(withPayment(order, payment), 'The bank is asked: it may take days')
    case 'failed':
    case 'expired':
      if (order.status !== 'pending') return ignored('order_not_pending')
      return isOfItsCheckout(order, payment) ? cancelled(order, payment) : ignored('another_checkout')
    case 'succeeded':
      if (order.billing_status === 'unpaid') return firstMoney(order, payment)
      return isKnown ? ignored('already_paid') : moreMoney(order, payment)
    default:
      return payment.status satisfies never
  }
}

/** What this state of the server makes of the order: the newest version wins, and counts once the order is paid. */
export function applyServer(order: Order, server: ServerState): Decision {
  if (server.version <= order.server_version) return ignored('older_server_version')
  const news: Order = {
    ...order,
    server_version: server.version,
    server_status: server.status,
    server_error: server.error_message,
    ptero_server_id: server.ptero_server_id,
    ptero_identifier: server.ptero_identifier,
    address: server.address,
  }
  const next = order.desired === 'none' ? news : followServer(news)
  return { kind: 'apply', event: null, note: server.error_message, order: next }
}

/** An order that cannot go on until a person has looked: it says why and wants no server. */
export function heldOrder(order: Order, payment: Payment, why: string): Decision {
  const held = { status: 'error', billing_status: 'paid', desired: 'none', error_message: why } as const
  return changed({ ...withMoney(order, payment), ...held }, why)
}

/** A held order that a person has put right: its server decides from now on. */
export function releasedOrder(order: Order, note: string): Applied {
  const event = order.desired === 'running' ? 'order.changed' : 'order.paid'
  const next = { ...order, version: order.version + 1, desired: 'running' } as const
  return { kind: 'apply', event, note, order: followServer(next) }
}

/** The order as others need it. */
export function orderState(order: Order): OrderState {
  const { id, version, status, billing_status, desired, plan, region, customer } = order
  const { server_name, environment, price, payment_id, payment_version, charge, error_message } = order
  return {
    order_id: id,
    version,
    status,
    billing_status,
    desired,
    plan,
    region,
    customer,
    server_name,
    environment,
    price,
    payment_id,
    payment_version,
    charge,
    error_message,
  }
}

function firstMoney(order: Order, payment: Payment): Decision {
  if (isPaidInFull(payment, order.price)) return paid(order, payment, null)
  const why = `Paid ${inWords(payment.paid)} (minor units) where the order costs ${inWords(order.price)}: held, nothing is provisioned`
  return heldOrder(order, payment, why)
}

// Whatever it does to the order, nobody owes this money twice: a person has to see it.
function moreMoney(order: Order, payment: Payment): Decision {
  const isHeld = order.desired === 'none'
  if (isHeld && isPaidInFull(payment, order.price)) {
    const note = `Paid in full by ${payment.payment_id}: refund ${order.payment_id}`
    return { ...paid(order, payment, note), alarm: 'paid_twice' }
  }
  const note = `Paid ${inWords(payment.paid)} (minor units) once more by ${payment.payment_id}: refund it`
  return { kind: 'apply', event: null, note, order, alarm: 'paid_twice' }
}

function paid(order: Order, payment: Payment, note: string | null): Applied {
  const next = { ...withMoney(order, payment), billing_status: 'paid', desired: 'running' } as const
  return { kind: 'apply', event: 'order.paid', note, order: followServer(next) }
}

// While one page is open or its debit is under way, another one that nobody paid on says nothing.
function isOfItsCheckout({ checkout_session_id: known }: Order, { payment_id }: Payment): boolean {
  return known === null || known === payment_id
}

function cancelled(order: Order, payment: Payment): Decision {
  const why =
    payment.failure ?? (payment.status === 'expired' ? 'The checkout expired unpaid' : 'The payment failed')
  return changed({ ...withPayment(order, payment), status: 'cancelled', error_message: why }, why)
}

function changed(order: Order, note: string): Decision {
  return { kind: 'apply', event: 'order.changed', note, order }
}

function withPayment(order: Order, payment: Payment): Order {
  const { payment_id, version: payment_version } = payment
  return { ...order, version: order.version + 1, payment_id, payment_version }
}

function withMoney(order: Order, payment: Payment): Order {
  const { paid, discount, tax, shipping, nothing_owed } = payment
  return { ...withPayment(order, payment), charge: { paid, discount, tax, shipping, nothing_owed } }
}

function followServer(order: Order): Order {
  return { ...order, status: statusOf(order.server_status), error_message: order.server_error }
}

function statusOf(server: ServerState['status'] | null): Order['status'] {
  switch (server) {
    case null:
    case 'waiting':
      return 'paid'
    case 'provisioning':
    case 'provisioned':
    case 'suspended':
    case 'terminated':
      return server
    case 'failed':
      return 'error'
    default:
      return server satisfies never
  }
}

function inWords({ amount, currency }: Money): string {
  return `${amount} ${currency}`
}

function ignored(reason: string): Decision {
  return { kind: 'ignored', reason }
}
