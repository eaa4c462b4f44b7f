import { randomUUID } from 'node:crypto'
import { againAfterRaces, empty, join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { Server } from '../rules/server.ts'
import { inMs } from './clock.ts'

type Batch = {
  panelId: string
  atMost: number
  /** Servers on these nodes are left for later. */
  busyNodes?: number[]
  /** Those that are to run come first, whatever is due before them. */
  runningFirst?: boolean
  leaseMs: number
}

/** Leases due servers of a panel, by the database's clock. Concurrent callers get others. */
export async function leaseDueServers(
  prisma: Transaction,
  batch: Batch,
): Promise<{ now: Date; servers: Server[] }> {
  const token = randomUUID()
  const first = await lease(prisma, token, batch)
  const atMost = batch.atMost - first
  const rest = batch.runningFirst && atMost > 0 ? { ...batch, atMost, runningFirst: false } : null
  const second = rest ? await lease(prisma, token, rest) : 0
  if (first + second === 0) return { now: new Date(), servers: [] }
  const rows = await prisma.$queryRaw<(Server & { db_now: Date })[]>(
    sql`SELECT *, UTC_TIMESTAMP(3) AS db_now FROM server WHERE lease_token = ${token} ORDER BY next_attempt_at`,
  )
  return { now: rows[0]?.db_now ?? new Date(), servers: rows }
}

async function lease(
  prisma: Transaction,
  token: string,
  { panelId, atMost, busyNodes = [], runningFirst = false, leaseMs }: Batch,
): Promise<number> {
  const isFirst = runningFirst ? sql`AND desired = 'running'` : empty
  const isElsewhere =
    busyNodes.length === 0 ? empty : sql`AND (node_id IS NULL OR node_id NOT IN (${join(busyNodes)}))`
  // It locks the index and then the rows; recording a server locks in the opposite order.
  return await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET lease_token = ${token}, lease_until = ${inMs(leaseMs)}
          WHERE panel_id = ${panelId} AND next_attempt_at <= UTC_TIMESTAMP(3)
            AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3)) ${isFirst} ${isElsewhere}
          ORDER BY next_attempt_at LIMIT ${atMost}`,
    ),
  )
}

/** How long until the first server without a lease is due; 0 or less when one is, null when none will be. */
export async function msToNextDue(prisma: Transaction, panelId: string): Promise<number | null> {
  const [row] = await prisma.$queryRaw<{ us: bigint | number }[]>(
    sql`SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), next_attempt_at) AS us FROM server
        WHERE panel_id = ${panelId} AND next_attempt_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3))
        ORDER BY next_attempt_at LIMIT 1`,
  )
  return row ? Number(row.us) / 1_000 : null
}

/** False when the lease is no longer ours, or the order has changed since: then nothing more may be sent. */
export async function renewLease(prisma: Transaction, server: Server, leaseMs: number): Promise<boolean> {
  const renewed = await againAfterRaces(() =>
    prisma.$executeRaw(sql`UPDATE server SET lease_until = ${inMs(leaseMs)} WHERE ${leaseHolds(server)}`),
  )
  return renewed > 0
}

/** Renews the lease as long as it is ours, whatever the order wants by now: the call under way is not to be sent twice. */
export async function keepLease(prisma: Transaction, server: Server, leaseMs: number): Promise<void> {
  const { order_id, lease_token } = server
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET lease_until = ${inMs(leaseMs)} WHERE order_id = ${order_id} AND lease_token = ${lease_token}`,
    ),
  )
}

/** Releases the lease: the server is due again at once. */
export async function releaseLease(prisma: Transaction, { order_id, lease_token }: Server): Promise<void> {
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET lease_token = NULL, lease_until = NULL
          WHERE order_id = ${order_id} AND lease_token = ${lease_token}`,
    ),
  )
}

export function leaseHolds({ order_id, lease_token, order_version }: Server): Sql {
  return sql`order_id = ${order_id} AND lease_token = ${lease_token} AND order_version = ${order_version}`
}

/** Releases what could not be reconciled, due again in five seconds. */
export async function backOff(prisma: Transaction, server: Server): Promise<void> {
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`UPDATE server SET attempts = attempts + 1, next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 5 SECOND
          WHERE order_id = ${server.order_id} AND lease_token = ${server.lease_token}`,
    ),
  )
  await releaseLease(prisma, server)
}
