import type {
  Charge,
  Customer,
  Delivery,
  Money,
  OrderMoney,
  OrderState,
  OrderWarning,
  RefundRequest,
  ServerState,
} from '@spawnpoint/contracts'

/**
 * One order. `billing_status` and `desired` follow from its money and from what the seller wants; `status` and `error_message`
 * from these and, beside them, of the server. Times are ISO 8601 UTC.
 */
export type Order = Pick<
  OrderState,
  'version' | 'status' | 'billing_status' | 'desired' | 'price' | 'payment_id'
> &
  OrderRequest & {
    id: string
    error_message: string | null
    payment_version: number
    charge: Charge | null
    money: OrderMoney
    /** The subscription that it is billed by. */
    subscription_id: string | null
    /** What the seller wants of its server; null while nothing is accepted: unpaid, or held. */
    wanted: 'running' | 'suspended' | 'terminated' | null
    paid_until: string | null
    /** Since when its money keeps it from running. */
    suspended_at: string | null
    next_plan: string | null
    next_plan_at: string | null
    warning: OrderWarning | null
    refund_request: RefundRequest | null
    delivery: Delivery
    /** When its billing has to be evaluated again, whatever arrives until then. */
    money_due_at: string | null
    server_version: number
    server_status: ServerState['status'] | null
    server_error: string | null
    ptero_server_id: number | null
    ptero_identifier: string | null
    address: string | null
    /** Of the page its buyer was sent to last; null where we made none. */
    checkout_session_id: string | null
  }

export type OrderRequest = {
  plan: string
  region: string
  customer: Customer
  server_name: string
  environment: Record<string, string>
}

export const noMoney: OrderMoney = { payments: [], subscription: null }
export const notDelivered: Delivery = {
  delivered: false,
  released: false,
  tried_regions: [],
  moving_to: null,
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
    money: noMoney,
    subscription_id: null,
    wanted: null,
    paid_until: null,
    suspended_at: null,
    next_plan: null,
    next_plan_at: null,
    warning: null,
    refund_request: null,
    delivery: notDelivered,
    money_due_at: null,
    server_version: 0,
    server_status: null,
    server_error: null,
    ptero_server_id: null,
    ptero_identifier: null,
    address: null,
    checkout_session_id: null,
  }
}

/** The order as others need it. */
export function orderState(order: Order): OrderState {
  const { id, version, status, billing_status, desired, plan, region, customer } = order
  const { server_name, environment, price, payment_id, payment_version, charge, error_message } = order
  const { paid_until, money, wanted, suspended_at, next_plan, next_plan_at, warning, refund_request } = order
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
    paid_until,
    money,
    ...(wanted ? { wanted } : {}),
    suspended_at,
    next_plan,
    next_plan_at,
    warning,
    refund_request,
    delivery: order.delivery,
  }
}
