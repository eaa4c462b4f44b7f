import type { Charge, Envelope, EventData } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { Prisma } from './generated/client.ts'
import { type Decision, type Order, orderState } from './order.ts'

export type Tx = Prisma.TransactionClient

export type Change = {
  order: Order
  event: 'order.placed' | Extract<Decision, { kind: 'apply' }>['event']
  cause: string
  note: string | null
  previousPlan?: string
  at: Date
}

/** The orders there are, locked in the order of their ids. */
export async function lockOrders(tx: Tx, wanted: string[]): Promise<Map<string, Order>> {
  // Anything may stand in the metadata of a seller's own checkout, and an ascii column compares with ascii alone.
  const ids = wanted.filter((id) => /^[\x21-\x7e]{1,36}$/.test(id))
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<Row[]>(
    sql`SELECT ${columns} FROM orders WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`,
  )
  return new Map(rows.map((row) => [row.id, fromRow(row)]))
}

/** Saves what changed, writes its history and puts its events into the outbox. */
export async function saveOrders(tx: Tx & Transaction, changes: Change[]): Promise<void> {
  if (changes.length === 0) return
  const newest = new Map(changes.map(({ order, at }) => [order.id, { order, at }]))
  await tx.$executeRaw(sql`INSERT INTO orders (id, status, ptero_server_id, ptero_identifier, error_message, created_at,
      updated_at, billing_status, desired, version, plan, region, customer_id, customer_email, customer_name, server_name,
      environment, amount, currency, payment_id, payment_version, charge, server_version, server_status, server_error, address)
    VALUES ${join([...newest.values()].map(({ order, at }) => values(order, at)))}
    ON DUPLICATE KEY UPDATE status = VALUES(status), ptero_server_id = VALUES(ptero_server_id),
      ptero_identifier = VALUES(ptero_identifier), error_message = VALUES(error_message), updated_at = VALUES(updated_at),
      billing_status = VALUES(billing_status), desired = VALUES(desired), version = VALUES(version),
      plan = VALUES(plan), region = VALUES(region), customer_id = VALUES(customer_id),
      customer_email = VALUES(customer_email), customer_name = VALUES(customer_name),
      server_name = VALUES(server_name), environment = VALUES(environment), amount = VALUES(amount),
      currency = VALUES(currency), payment_id = VALUES(payment_id), payment_version = VALUES(payment_version),
      charge = VALUES(charge),
      server_version = VALUES(server_version), server_status = VALUES(server_status),
      server_error = VALUES(server_error), address = VALUES(address),
      alarmed_at = IF(VALUES(status) = 'provisioned', NULL, alarmed_at)`)
  await tx.$executeRaw(
    sql`INSERT INTO order_history (order_id, at, cause, status, billing_status, note) VALUES ${join(changes.map(history))}`,
  )
  await appendOutbox(tx, changes.flatMap(eventOf))
}

function eventOf({
  order,
  event,
  cause,
  note,
  previousPlan,
  at,
}: Change): Envelope<EventData<'order.paid'>>[] {
  if (event === null) return []
  const { id: subject, version } = order
  const data = { ...orderState(order), note, ...(previousPlan ? { previous_plan: previousPlan } : {}) }
  return [newEvent({ source: 'order', cause, type: event, subject, version, data, time: at })]
}

function values(order: Order, at: Date) {
  const { customer, price } = order
  return sql`(${order.id}, ${order.status}, ${order.ptero_server_id}, ${order.ptero_identifier},
    ${clip(order.error_message)}, ${at}, ${at}, ${order.billing_status}, ${order.desired}, ${order.version},
    ${order.plan}, ${order.region}, ${customer.id}, ${customer.email}, ${customer.name}, ${order.server_name},
    ${JSON.stringify(order.environment)}, ${price.amount}, ${price.currency}, ${order.payment_id},
    ${order.payment_version}, ${order.charge && JSON.stringify(order.charge)}, ${order.server_version}, ${order.server_status}, ${clip(order.server_error)},
    ${order.address})`
}

function history({ order: { id, status, billing_status }, cause, note, at }: Change) {
  return sql`(${id}, ${at}, ${cause}, ${status}, ${billing_status}, ${clip(note)})`
}

function clip(message: string | null): string | null {
  return message?.slice(0, 1000) ?? null
}

// As the order has them, but for what a column cannot hold.
type Row = Omit<Order, 'customer' | 'price' | 'environment' | 'charge'> & {
  customer_id: string | null
  customer_email: string
  customer_name: string
  amount: bigint
  currency: string
  environment: string
  charge: string | null
}

const columns = sql`id, version, status, billing_status, desired, plan, region, customer_id, customer_email, customer_name,
  server_name, environment, amount, currency, payment_id, payment_version, charge, server_version, server_status,
  server_error, ptero_server_id, ptero_identifier, address, checkout_session_id, error_message`

function fromRow(row: Row): Order {
  const { customer_id, customer_email, customer_name, amount, currency, environment, charge, ...same } = row
  return {
    ...same,
    customer: { id: customer_id, email: customer_email, name: customer_name },
    price: { amount: Number(amount), currency },
    environment: JSON.parse(environment) as Record<string, string>,
    charge: charge === null ? null : (JSON.parse(charge) as Charge),
  }
}
