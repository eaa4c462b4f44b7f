import type { Charge } from '@spawnpoint/contracts'
import { join, raw } from '@spawnpoint/database'
import type { Order as Model } from '../generated/client.ts'
import { noMoney, notDelivered, type Order } from '../rules/order/order.ts'

const plain = [
  ...([
    'status',
    'billing_status',
    'desired',
    'version',
    'plan',
    'region',
    'server_name',
    'payment_id',
  ] as const),
  ...([
    'payment_version',
    'subscription_id',
    'wanted',
    'next_plan',
    'server_version',
    'server_status',
  ] as const),
  ...(['ptero_server_id', 'ptero_identifier', 'address'] as const),
]
const messages = ['error_message', 'server_error'] as const
const inJson = ['environment', 'charge', 'money', 'warning', 'refund_request', 'delivery'] as const
const inTime = ['paid_until', 'suspended_at', 'next_plan_at', 'money_due_at'] as const

type Value = string | number | Date | null
type Column = [name: string, value: (order: Order) => Value]

const saved: Column[] = [
  ...plain.map((field): Column => [field, (order) => order[field]]),
  ...messages.map((field): Column => [field, (order) => clip(order[field])]),
  ...inJson.map((field): Column => [field, (order) => order[field] && JSON.stringify(order[field])]),
  ...inTime.map((field): Column => [field, (order) => timeOf(order[field])]),
  ['customer_id', ({ customer }) => customer.id],
  ['customer_email', ({ customer }) => customer.email],
  ['customer_name', ({ customer }) => customer.name],
  ['amount', ({ price }) => price.amount],
  ['currency', ({ price }) => price.currency],
]

/** The columns that are saved with an order; the page of its checkout is saved on its own. */
export const savedColumns = saved.map(([name]) => name)

export function savedValues(order: Order): Value[] {
  return saved.map(([, value]) => value(order))
}

/** For statements that lock: read as Prisma's model has it. */
export const columns = join(
  ['id', 'checkout_session_id', ...savedColumns].map((name) => raw(`${name} AS ${inCamelCase(name)}`)),
)

type Unread =
  | 'seq'
  | 'createdAt'
  | 'updatedAt'
  | 'requestHash'
  | 'checkoutUrl'
  | 'checkoutExpiresAt'
  | 'alarmedAt'
export type Row = Omit<Model, Unread>

export function fromRow(row: Row): Order {
  const order: Order = {
    ...keysOf(row),
    ...serverOf(row),
    status: row.status as Order['status'],
    billing_status: row.billingStatus as Order['billing_status'],
    desired: row.desired as Order['desired'],
    wanted: row.wanted as Order['wanted'],
    version: row.version,
    customer: { id: row.customerId, email: row.customerEmail, name: row.customerName },
    price: { amount: Number(row.amount), currency: row.currency },
    environment: JSON.parse(row.environment) as Record<string, string>,
    error_message: row.errorMessage,
    charge: read<Charge>(row.charge),
    money: read<Order['money']>(row.money) ?? noMoney,
    warning: read<NonNullable<Order['warning']>>(row.warning),
    refund_request: read<NonNullable<Order['refund_request']>>(row.refundRequest),
    delivery: read<Order['delivery']>(row.delivery) ?? notDelivered,
    paid_until: isoOf(row.paidUntil),
    suspended_at: isoOf(row.suspendedAt),
    next_plan_at: isoOf(row.nextPlanAt),
    money_due_at: isoOf(row.moneyDueAt),
  }
  return row.money === null ? ofBefore(order) : order
}

function keysOf(row: Row) {
  return {
    id: row.id,
    plan: row.plan,
    next_plan: row.nextPlan,
    region: row.region,
    server_name: row.serverName,
    payment_id: row.paymentId,
    payment_version: row.paymentVersion,
    subscription_id: row.subscriptionId,
    checkout_session_id: row.checkoutSessionId,
  }
}

function serverOf(row: Row) {
  return {
    server_version: row.serverVersion,
    server_status: row.serverStatus as Order['server_status'],
    server_error: row.serverError,
    ptero_server_id: row.pteroServerId,
    ptero_identifier: row.pteroIdentifier,
    address: row.address,
  }
}

function inCamelCase(column: string): string {
  return column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** An order of before it knew its money whole: one payment, and what a seller wanted was what was wanted. */
export function ofBefore(order: Order): Order {
  const { payment_id, payment_version, billing_status, charge, price, desired } = order
  const wanted = order.wanted ?? (desired === 'none' ? null : desired)
  if (payment_id === null || billing_status === 'unpaid') return { ...order, wanted }
  const payment = {
    payment_id,
    version: payment_version,
    kind: 'first',
    status: 'succeeded',
    paid: charge?.paid ?? price,
    refunded: 0,
    refund_pending: 0,
    dispute: null,
    fraud_warning: null,
    paid_until: null,
    in_full: desired !== 'none',
  } as const
  return { ...order, wanted, money: { ...noMoney, payments: [payment] } }
}

function read<Value>(json: string | null): Value | null {
  return json === null ? null : (JSON.parse(json) as Value)
}

function isoOf(time: Date | null): string | null {
  return time?.toISOString() ?? null
}

export function clip(message: string | null): string | null {
  return message?.slice(0, 1000) ?? null
}

function timeOf(iso: string | null): Date | null {
  return iso === null ? null : new Date(iso)
}
