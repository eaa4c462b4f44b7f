import type { OrderState, ServerStatement } from '@spawnpoint/contracts'
import { againAfterRaces, empty, inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient, Server as Row } from '../generated/client.ts'
import { isSameServer } from '../rules/find-drift.ts'
import { withoutChanged } from '../rules/last-applied.ts'
import { type Server, serverMissing } from '../rules/server.ts'
import { inMs } from './clock.ts'
import { upsertServers } from './inline-statements.ts'
import type { Tx } from './tx.ts'

export async function findServer(db: Tx, orderId: string): Promise<Server | null> {
  const row = await db.server.findUnique({ where: { orderId } })
  return row && fromRow(row)
}

export async function findServers(db: Tx, orderIds: string[]): Promise<Server[]> {
  const rows = await db.server.findMany({ where: { orderId: { in: orderIds } } })
  return rows.map(fromRow)
}

/** The newest version of each order that was stored before, locked until the transaction ends. */
export async function lockVersions(tx: Transaction, orderIds: string[]): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ order_id: string; order_version: number }[]>(
    sql`SELECT order_id, order_version FROM server
        WHERE order_id IN (${join(orderIds)}) ORDER BY order_id FOR UPDATE`,
  )
  return new Map(rows.map((row) => [row.order_id, row.order_version]))
}

/**
 * A failed server waits for a person, and a terminated one stays terminated, whatever else changes in the order. Before any
 * create or event, the panel is its region's.
 */
export async function saveOrders(tx: Transaction, orders: OrderState[]): Promise<void> {
  const sorted = orders.toSorted((a, b) => (a.order_id < b.order_id ? -1 : 1))
  await tx.$executeRaw(upsertServers(sorted))
}

const givenUp = sql`ptero_uuid = NULL, ptero_identifier = NULL, lease_token = NULL, lease_until = NULL`

/** A person gives up the servers of these orders that the panel no longer has: others are made. Whoever looks at one stops. */
export async function giveUpMissing(prisma: PrismaClient, orderIds: string[]): Promise<void> {
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET ${givenUp}
          WHERE order_id IN (${join(orderIds)}) AND ptero_server_id IS NOT NULL AND ptero_identifier IS NOT NULL AND ${isMissing}`,
    ),
  )
}

const isMissing = sql`(error_class <=> ${serverMissing} OR EXISTS (
  SELECT 1 FROM drift WHERE drift.order_id = server.order_id AND drift.kind = 'ghost' AND drift.state = 'open'))`

/** Due now, with attempts reset. `only` limits it to a desired state. Returns how many there are. */
export async function makeServersDue(
  prisma: PrismaClient,
  orderIds: string[],
  only: 'running' | 'anything',
): Promise<number> {
  // Concurrent requests can lose a deadlock against the loop that leases due servers.
  return await inTransaction(prisma, (tx) =>
    tx.$executeRaw(
      sql`UPDATE server SET attempts = 0, installing_since = NULL, reinstalls = 0, next_attempt_at = UTC_TIMESTAMP(3)
          WHERE order_id IN (${join(orderIds)}) AND ${only === 'running' ? sql`desired = 'running'` : sql`desired <> 'none'`}`,
    ),
  )
}

/** Their installs have ended: they are due now instead of at their next poll. */
export async function makeInstalledDue(prisma: PrismaClient, orderIds: string[]): Promise<void> {
  await againAfterRaces(() =>
    prisma.server.updateMany({
      where: { orderId: { in: orderIds }, status: 'provisioning', nextAttemptAt: { not: null } },
      data: { nextAttemptAt: new Date(0) },
    }),
  )
}

/** Whether the order is paid: its server has a placement, or is queued. */
export async function isServerWanted(prisma: PrismaClient, orderId: string): Promise<boolean> {
  return (await prisma.server.count({ where: { orderId, desired: { not: 'none' } } })) > 0
}

/** The other order to which a server that the panel shows belongs, by its number and uuid; null where it is no other's. */
export async function otherOrderOf(
  prisma: PrismaClient,
  { id, uuid, order_id, panel_id }: { id: number; uuid: string; order_id: string; panel_id: string },
): Promise<string | null> {
  const rows = await prisma.server.findMany({
    where: { pteroServerId: id, panelId: panel_id, orderId: { not: order_id } },
    select: { orderId: true, pteroUuid: true, pteroIdentifier: true },
  })
  const owner = rows.find(({ pteroUuid, pteroIdentifier }) =>
    isSameServer({ ptero_uuid: pteroUuid, ptero_identifier: pteroIdentifier }, uuid),
  )
  return owner?.orderId ?? null
}

export type ExistingServer = Pick<
  Server,
  | 'order_id'
  | 'panel_id'
  | 'node_id'
  | 'order_state'
  | 'built_state'
  | 'ptero_uuid'
  | 'ptero_identifier'
  | 'error_class'
> & {
  ptero_server_id: number
}

/** The server of an order that is on its panel and is to stay. */
export async function findExistingServer(
  prisma: PrismaClient,
  orderId: string,
): Promise<ExistingServer | null> {
  const row = await prisma.server.findUnique({
    where: { orderId, desired: { notIn: ['none', 'terminated'] } },
    select: {
      orderId: true,
      panelId: true,
      nodeId: true,
      pteroServerId: true,
      pteroUuid: true,
      pteroIdentifier: true,
      orderState: true,
      builtState: true,
      errorClass: true,
    },
  })
  if (!row || row.pteroServerId === null) return null
  return {
    order_id: row.orderId,
    panel_id: row.panelId,
    node_id: row.nodeId,
    order_state: row.orderState,
    built_state: row.builtState,
    ptero_server_id: row.pteroServerId,
    ptero_uuid: row.pteroUuid,
    ptero_identifier: row.pteroIdentifier,
    error_class: row.errorClass,
  }
}

function fromRow(row: Row): Server {
  return {
    ...onPanelOf(row),
    order_id: row.orderId,
    desired: row.desired as Server['desired'],
    order_version: row.orderVersion,
    order_state: row.orderState,
    built_state: row.builtState,
    status: row.status as Server['status'],
    version: row.version,
    generation: row.generation,
    attempts: row.attempts,
    next_attempt_at: row.nextAttemptAt,
    lease_token: row.leaseToken,
    intent: row.intent as Server['intent'],
    intent_at: row.intentAt,
    unknown_until: row.unknownUntil,
    installing_since: row.installingSince,
    installed_at: row.installedAt,
    reinstalls: row.reinstalls,
    reinstall_egg: row.reinstallEgg,
    reinstall_sent_of: row.reinstallSentOf,
    suspend_sent_at: row.suspendSentAt,
    delete_sent_at: row.deleteSentAt,
    error_class: row.errorClass,
    error_message: row.errorMessage,
  }
}

function onPanelOf(row: Row) {
  return {
    panel_id: row.panelId,
    node_id: row.nodeId,
    allocation_id: row.allocationId,
    ptero_server_id: row.pteroServerId,
    ptero_identifier: row.pteroIdentifier,
    ptero_uuid: row.pteroUuid,
    ptero_user_id: row.pteroUserId,
    address: row.address,
    moved_region: row.movedRegion,
  }
}

type StatementRow = Omit<ServerStatement, 'is_gone'> & { gone: bigint | number }

/** The state of the servers of these orders, as far as this service knows. */
export async function serverStates(db: Transaction, orderIds: string[]): Promise<ServerStatement[]> {
  if (orderIds.length === 0) return []
  const rows = await db.$queryRaw<StatementRow[]>(
    sql`SELECT order_id, version, order_version, status, desired, error_class, error_message, ptero_server_id,
          ${isMissing} AS gone
        FROM server WHERE order_id IN (${join(orderIds)})`,
  )
  return rows.map(({ gone, ...row }) => ({ ...row, is_gone: Number(gone) === 1 }))
}

/** What a dry run compares: the desired state of an order's server, and whether it is due. */
export async function showOrder(tx: Tx, id: string): Promise<Record<string, unknown> | null> {
  const row = await tx.server.findUnique({ where: { orderId: id } })
  if (!row) return null
  return {
    desired: row.desired,
    order_version: row.orderVersion,
    status: row.status,
    ptero_identifier: row.pteroIdentifier,
    due: row.nextAttemptAt === null ? 'no' : 'yes',
  }
}

/**
 * Due now, or in so many ms, with the fields that were changed on the panel applied again. `isGivenUp`: a person wants another server in
 * place of one that is gone.
 */
export async function makeDriftedServerDue(
  prisma: PrismaClient,
  { order_id, fields, isGivenUp = false }: { order_id: string | null; fields: string; isGivenUp?: boolean },
  afterMs = 0,
): Promise<void> {
  const changed = fields.split(',')
  await inTransaction(prisma, async (tx) => {
    const [row] = await tx.$queryRaw<Server[]>(
      sql`SELECT * FROM server WHERE order_id = ${order_id} FOR UPDATE`,
    )
    if (!row) return
    const givesUp = isGivenUp && row.ptero_server_id !== null && row.ptero_identifier !== null
    await tx.$executeRaw(
      sql`UPDATE server SET built_state = ${withoutChanged(row, changed)}, attempts = 0,
            suspend_sent_at = IF(${changed.includes('suspended')}, UTC_TIMESTAMP(3), suspend_sent_at),
            next_attempt_at = ${inMs(afterMs)}
            ${givesUp ? sql`, ${givenUp}` : empty}
          WHERE order_id = ${order_id}`,
    )
  })
}
