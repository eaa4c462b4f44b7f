import { join, sql, type Transaction } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { keyOf } from '../rules/customer-key.ts'
import { isSameServer, type Known, type Shown } from '../rules/find-drift.ts'
import { lastAppliedOf } from '../rules/last-applied.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { findPlanSpecs } from './plan-specs.ts'

const batchSize = 200

/** The rows of a panel that have not changed since and are not due: they can be compared with what the panel shows. */
export async function readComparedServers(
  prisma: PrismaClient,
  panelId: string,
  since: Date,
): Promise<Known[]> {
  const known: Known[] = []
  for (let after = ''; ; ) {
    const rows = await quietRows(prisma, { panelId, after, since })
    known.push(...(await describe(prisma, panelId, rows)))
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return known
    after = last.order_id
  }
}

/**
 * The panels of the orders that these servers refer to, where the order is known; this panel where no create was
 * sent yet, or where theirs is the one shown, because one panel may be registered under two names.
 */
export async function readOrderPanels(
  prisma: Transaction,
  panelId: string,
  shown: Pick<Shown, 'external_id' | 'uuid'>[],
): Promise<Map<string, string>> {
  const uuids = new Map(shown.map(({ external_id, uuid }) => [external_id ?? '', uuid]))
  const orderIds = [...uuids.keys()]
  const panels = new Map<string, string>()
  for (let index = 0; index < orderIds.length; index += 1_000) {
    const some = orderIds.slice(index, index + 1_000)
    const rows = await prisma.$queryRaw<OrderPanel[]>(
      sql`SELECT order_id, IF(generation > 0 OR ptero_server_id IS NOT NULL, panel_id, ${panelId}) AS panel_id,
            ptero_uuid, ptero_identifier
          FROM server WHERE order_id IN (${join(some)})`,
    )
    for (const { order_id, panel_id, ...server } of rows)
      panels.set(order_id, isSameServer(server, uuids.get(order_id) ?? '') ? panelId : panel_id)
  }
  return panels
}

type OrderPanel = Pick<Server, 'order_id' | 'panel_id' | 'ptero_uuid' | 'ptero_identifier'>

type Row = Pick<Server, 'order_id' | 'desired' | 'order_state' | 'built_state' | 'status' | 'generation'> &
  Pick<Server, 'ptero_server_id' | 'ptero_uuid'>

async function quietRows(
  prisma: Transaction,
  { panelId, after, since }: { panelId: string; after: string; since: Date },
): Promise<Row[]> {
  return await prisma.$queryRaw<Row[]>(
    sql`SELECT order_id, desired, order_state, built_state, status, generation, ptero_server_id, ptero_uuid FROM server
        WHERE order_id > ${after} AND panel_id = ${panelId} AND order_version > 0 AND next_attempt_at IS NULL AND lease_token IS NULL
          AND updated_at < ${since}
        ORDER BY order_id LIMIT ${batchSize}`,
  )
}

async function describe(prisma: PrismaClient, panelId: string, rows: Row[]): Promise<Known[]> {
  const described = rows.map((row) => {
    const order = orderOf(row)
    return { row, plan: lastAppliedOf(row).plan ?? order.plan, customerKey: keyOf(order.customer) }
  })
  const [specs, users] = await Promise.all([
    findPlanSpecs(prisma, [...new Set(described.map(({ plan }) => plan))], panelId),
    prisma.panelUser.findMany({
      where: { customerKey: { in: described.map(({ customerKey }) => customerKey) }, panelId },
    }),
  ])
  const userOf = new Map(users.map((user) => [user.customerKey, user.pteroUserId]))
  return described.map(({ row, plan, customerKey }) => ({
    order_id: row.order_id,
    desired: row.desired,
    status: row.status,
    generation: row.generation,
    ptero_server_id: row.ptero_server_id,
    ptero_uuid: row.ptero_uuid,
    user: userOf.get(customerKey) ?? null,
    limits: specs.get(plan)?.limits ?? null,
  }))
}
