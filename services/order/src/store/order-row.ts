import type { Charge } from '@spawnpoint/contracts'
import { join, raw } from '@spawnpoint/database'
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

export const columns = join(['id', 'checkout_session_id', ...savedColumns].map((name) => raw(name)))

/** As the order has it, but for what a column cannot hold. */
export type Row = Omit<Order, 'customer' | 'price' | InJson | InTime> & {
  customer_id: string | null
  customer_email: string
  customer_name: string
  amount: bigint
  currency: string
  environment: string
} & { [Field in Exclude<InJson, 'environment'>]: string | null } & { [Field in InTime]: Date | null }

type InJson = (typeof inJson)[number]
type InTime = (typeof inTime)[number]

export function fromRow(row: Row): Order {
  const { customer_id, customer_email, customer_name, amount, currency, environment, charge, ...rest } = row
  const { money, warning, refund_request, delivery, paid_until, suspended_at, ...more } = rest
  const { next_plan_at, money_due_at, ...same } = more
  const order: Order = {
    ...same,
    customer: { id: customer_id, email: customer_email, name: customer_name },
    price: { amount: Number(amount), currency },
    environment: JSON.parse(environment) as Record<string, string>,
    charge: read<Charge>(charge),
    money: read<Order['money']>(money) ?? noMoney,
    warning: read<NonNullable<Order['warning']>>(warning),
    refund_request: read<NonNullable<Order['refund_request']>>(refund_request),
    delivery: read<Order['delivery']>(delivery) ?? notDelivered,
    paid_until: isoOf(paid_until),
    suspended_at: isoOf(suspended_at),
    next_plan_at: isoOf(next_plan_at),
    money_due_at: isoOf(money_due_at),
  }
  return money === null ? ofBefore(order) : order
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
