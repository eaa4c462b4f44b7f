import type { Charge, Envelope, EventData, OrderState, ServerState } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { Prisma, Order as Row } from './generated/client.ts'
import { type Decision, type Order, orderState } from './order.ts'

export type Tx = Prisma.TransactionClient

export type Change = {
  order: Order
  event: 'order.placed' | Extract<Decision, { kind: 'apply' }>['event']
  cause: string
  note: string | null
  at: Date
}

/** The orders there are, locked in the order of their ids. */
export async function lockOrders(tx: Tx, wanted: string[]): Promise<Map<string, Order>> {
  // Anything may stand in the metadata of a seller's own checkout, and an ascii column compares with ascii alone.
  const ids = wanted.filter((id) => /^[\x21-\x7e]{1,36}$/.test(id))
  if (ids.length === 0) return new Map()
  await tx.$queryRaw(sql`SELECT id FROM orders WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`)
  const rows = await tx.order.findMany({ where: { id: { in: ids } } })
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
      plan = VALUES(plan), region = VALUES(region), customer_email = VALUES(customer_email),
      server_name = VALUES(server_name), environment = VALUES(environment), amount = VALUES(amount),
      currency = VALUES(currency), payment_id = VALUES(payment_id), payment_version = VALUES(payment_version),
      charge = VALUES(charge),
      server_version = VALUES(server_version), server_status = VALUES(server_status),
      server_error = VALUES(server_error), address = VALUES(address),
      alarmed_at = IF(VALUES(status) = 'provisioned', NULL, alarmed_at)`)
  await tx.orderHistory.createMany({
    data: changes.map(({ order, cause, note, at }) => ({
      orderId: order.id,
      at,
      cause,
      status: order.status,
      billingStatus: order.billing_status,
      note: clip(note),
    })),
  })
  await appendOutbox(tx, changes.flatMap(eventOf))
}

function eventOf({ order, event, cause, note, at }: Change): Envelope<EventData<'order.paid'>>[] {
  if (event === null) return []
  const { id: subject, version } = order
  const data = { ...orderState(order), note }
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

function clip(message: string | null): string | null {
  return message?.slice(0, 1000) ?? null
}

function fromRow(row: Row): Order {
  return {
    id: row.id,
    version: row.version,
    status: row.status as OrderState['status'],
    billing_status: row.billingStatus as OrderState['billing_status'],
    desired: row.desired as OrderState['desired'],
    plan: row.plan,
    region: row.region,
    customer: { id: row.customerId, email: row.customerEmail, name: row.customerName },
    server_name: row.serverName,
    environment: JSON.parse(row.environment) as Record<string, string>,
    price: { amount: Number(row.amount), currency: row.currency },
    payment_id: row.paymentId,
    payment_version: row.paymentVersion,
    charge: row.charge === null ? null : (JSON.parse(row.charge) as Charge),
    server_version: row.serverVersion,
    server_status: row.serverStatus as ServerState['status'] | null,
    server_error: row.serverError,
    ptero_server_id: row.pteroServerId,
    ptero_identifier: row.pteroIdentifier,
    address: row.address,
    checkout_session_id: row.checkoutSessionId,
    error_message: row.errorMessage,
  }
}
