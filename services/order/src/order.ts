import type { Customer, EventType, Money, OrderState, Payment, ServerState } from '@spawnpoint/contracts'
import { isPaidInFull } from './paid-in-full.ts'

export type Order = Omit<OrderState, 'order_id'> & {
  id: string
  error_message: string | null
  ptero_server_id: number | null
  ptero_identifier: string | null
  address: string | null
  payment_version: number
  server_version: number
}

export type Plan = { id: string; price: Money }

export type Decision =
  | { kind: 'apply'; order: Order; event: EventType | null; note: string | null }
  | { kind: 'ignored'; reason: string }

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
    ptero_server_id: null,
    ptero_identifier: null,
    address: null,
    payment_id: null,
    payment_version: 0,
    server_version: 0,
  }
}

/** What this state of a payment makes of the order. Money that is in is never undone by a failure that is heard later. */
export function applyPayment(order: Order, payment: Payment): Decision {
  const known = order.payment_id === payment.payment_id ? order.payment_version : 0
  if (payment.version <= known) return ignored('older_payment_version')
  if (order.billing_status === 'paid')
    return ignored(
      order.payment_id === payment.payment_id ? 'already_paid' : 'already_paid_by_another_payment',
    )
  switch (payment.status) {
    case 'pending':
      return ignored('payment_pending')
    case 'failed':
    case 'expired':
      return order.status === 'pending' ? cancelled(order, payment) : ignored('order_not_pending')
    case 'succeeded':
      return isPaidInFull(payment, order.price) ? paid(order, payment) : held(order, payment)
    default:
      return payment.status satisfies never
  }
}

/** What this state of the server makes of the order: the newest version wins. */
export function applyServer(order: Order, server: ServerState): Decision {
  if (server.version <= order.server_version) return ignored('older_server_version')
  if (order.desired !== 'running') return ignored('order_wants_no_server')
  return {
    kind: 'apply',
    event: null,
    note: server.error_message,
    order: {
      ...order,
      status: statusOf(server),
      server_version: server.version,
      ptero_server_id: server.ptero_server_id,
      ptero_identifier: server.ptero_identifier,
      address: server.address,
      error_message: server.error_message,
    },
  }
}

export function orderState({ id, ...order }: Order): OrderState {
  const { version, status, billing_status, desired, plan, region, customer } = order
  const { server_name, environment, price, payment_id } = order
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
  }
}

/** An order that cannot go on until a person has looked: it says why and wants no server. */
export function heldOrder(order: Order, payment: Payment, why: string): Decision {
  const next = { status: 'error', billing_status: 'paid', desired: 'none', error_message: why } as const
  return {
    kind: 'apply',
    event: 'order.changed',
    note: why,
    order: { ...withPayment(order, payment), ...next },
  }
}

function paid(order: Order, payment: Payment): Decision {
  const next = { status: 'paid', billing_status: 'paid', desired: 'running', error_message: null } as const
  return {
    kind: 'apply',
    event: 'order.paid',
    note: null,
    order: { ...withPayment(order, payment), ...next },
  }
}

function held(order: Order, payment: Payment): Decision {
  const { price } = order
  const owed = `${price.amount} ${price.currency}`
  const got = `${payment.paid.amount} ${payment.paid.currency}`
  return heldOrder(
    order,
    payment,
    `Paid ${got} (minor units) where the order costs ${owed}: held, nothing is provisioned`,
  )
}

function cancelled(order: Order, payment: Payment): Decision {
  const why =
    payment.failure ?? (payment.status === 'expired' ? 'The checkout expired unpaid' : 'The payment failed')
  const next = { status: 'cancelled', error_message: why } as const
  return {
    kind: 'apply',
    event: 'order.changed',
    note: why,
    order: { ...withPayment(order, payment), ...next },
  }
}

function withPayment(order: Order, payment: Payment): Order {
  return {
    ...order,
    version: order.version + 1,
    payment_id: payment.payment_id,
    payment_version: payment.version,
  }
}

function statusOf(server: ServerState): Order['status'] {
  switch (server.status) {
    case 'waiting':
      return 'paid'
    case 'provisioning':
      return 'provisioning'
    case 'provisioned':
      return 'provisioned'
    case 'failed':
      return 'error'
    default:
      return server.status satisfies never
  }
}

function ignored(reason: string): Decision {
  return { kind: 'ignored', reason }
}
