import type { Drift } from '@spawnpoint/contracts'
import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, derivedId, newEvent } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Drift as Row } from '../generated/client.ts'
import { mainPanel, naming } from '../panel-types/main-panel.ts'
import { type Found, isSameDrift } from '../rules/find-drift.ts'

export type DriftRow = {
  id: string
  panel_id: string
  version: number
  kind: Drift['kind']
  state: Drift['state']
  order_id: string | null
  ptero_server_id: number | null
  ptero_uuid: string | null
  fields: string
  finding: string
  shown: string | null
}

/**
 * Records the findings of a complete sweep of a panel and publishes the new ones. Drifts that were not found again end, unless their
 * order is being reconciled: then it was not compared.
 */
export async function recordDrifts(
  prisma: PrismaClient,
  found: Found[],
  {
    panelId,
    sweptAt,
    isCompared,
  }: { panelId: string; sweptAt: Date; isCompared: (orderId: string) => boolean },
): Promise<{ found: number; told: number; over: number }> {
  let told = 0
  for (const one of found) told += (await recordOne(prisma, panelId, one)) ? 1 : 0
  const unseen = await prisma.drift.findMany({
    where: { panelId, state: { not: 'over' }, seenAt: { lt: sweptAt } },
    select: { id: true, orderId: true },
  })
  const gone = unseen.filter(({ orderId }) => orderId === null || isCompared(orderId))
  for (const { id } of gone) await changeDrift(prisma, id, { state: 'over' })
  return { found: found.length, told, over: gone.length }
}

/** Whether a server is known to be otherwise on the panel than its order and its plan say. */
export async function hasDrifted(prisma: PrismaClient, orderId: string): Promise<boolean> {
  return (await prisma.drift.findFirst({ where: { orderId, state: { not: 'over' } } })) !== null
}

export async function findDrift(prisma: PrismaClient, id: string): Promise<DriftRow | null> {
  const row = await prisma.drift.findUnique({ where: { id } })
  return row && fromRow(row)
}

/** Changes the state and publishes it. `by`: who decided it, for a drift that has not ended. */
export async function changeDrift(
  prisma: PrismaClient,
  id: string,
  { state, by }: { state: Drift['state']; by?: string },
): Promise<DriftRow> {
  return await inTransaction(prisma, async (tx) => {
    const row = await lock(tx, id)
    if (!row) throw new Problem(404, 'drift_unknown', `There is no drift ${id}.`)
    if (row.state === state) return row
    if (by !== undefined && row.state === 'over')
      throw new Problem(409, 'drift_over', `Drift ${id} has ended: the panel and the order agree again.`)
    return await write(tx, { ...row, state }, by)
  })
}

async function recordOne(prisma: PrismaClient, panelId: string, found: Found): Promise<boolean> {
  const on = panelId === mainPanel ? '' : `${panelId}/`
  const id = derivedId(`${found.kind}/${on}${found.order_id ?? found.ptero_uuid}`, 'drift')
  return await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`INSERT INTO drift (id, panel_id, version, kind, state, \`fields\`, finding, found_at, seen_at)
          VALUES (${id}, ${panelId}, 0, ${found.kind}, 'over', '', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)`,
    )
    const row = await lock(tx, id)
    if (!row) return false
    const next = { ...row, ...columnsOf(found) }
    if (row.state !== 'over' && isSameDrift(row, next)) {
      await reword(tx, row, next)
      return false
    }
    await write(tx, { ...next, state: found.kind === 'left_over' ? 'repairing' : 'open' })
    return true
  })
}

// Another sentence about the same drift is no news.
async function reword(tx: Transaction, row: DriftRow, { finding, shown }: DriftRow): Promise<void> {
  if (row.finding === finding && row.shown === shown) return
  await tx.$executeRaw(sql`UPDATE drift SET finding = ${finding}, shown = ${shown} WHERE id = ${row.id}`)
}

function columnsOf({ kind, order_id, ptero_server_id, ptero_uuid, fields, finding, shown }: Found) {
  return {
    kind,
    order_id,
    ptero_server_id,
    ptero_uuid,
    fields: fields.join(','),
    finding: finding.slice(0, 1_000),
    shown,
  }
}

async function lock(tx: Transaction, id: string): Promise<DriftRow | null> {
  const [row] = await tx.$queryRaw<DriftRow[]>(sql`SELECT * FROM drift WHERE id = ${id} FOR UPDATE`)
  return row ?? null
}

async function write(tx: Transaction, changed: DriftRow, by: string | null = null): Promise<DriftRow> {
  const row = { ...changed, version: changed.version + 1 }
  await tx.$executeRaw(
    sql`UPDATE drift SET version = ${row.version}, state = ${row.state}, order_id = ${row.order_id},
          ptero_server_id = ${row.ptero_server_id}, ptero_uuid = ${row.ptero_uuid}, \`fields\` = ${row.fields},
          finding = ${row.finding}, shown = ${row.shown}, decided_by = ${by},
          found_at = IF(over_at IS NULL, found_at, UTC_TIMESTAMP(3)),
          over_at = IF(${row.state} = 'over', UTC_TIMESTAMP(3), NULL)
        WHERE id = ${row.id}`,
  )
  await appendOutbox(tx, [drifted(row)])
  return row
}

function drifted(row: DriftRow) {
  return newEvent({
    source: 'provisioner',
    cause: `${row.id}/${row.version}`,
    type: 'server.drifted',
    subject: row.id,
    version: row.version,
    data: driftOf(row),
    time: new Date(),
  })
}

/** As events carry it. */
function driftOf({ id, ptero_uuid, fields, ...row }: DriftRow): Drift {
  return {
    drift_id: id,
    version: row.version,
    kind: row.kind,
    state: row.state,
    order_id: row.order_id,
    ptero_server_id: row.ptero_server_id,
    finding: row.finding,
    repair: repairs[row.kind],
    ...naming(row.panel_id),
  }
}

const repairs: Record<Drift['kind'], string> = {
  orphan: 'Deletes the server on the panel, with all that is on it.',
  left_over: 'Deletes the server on the panel: its order has ended, and we created it.',
  ghost: 'Creates a new server for the order; the files of the old one are lost.',
  changed: 'Applies the order and its plan to the server again.',
}

export type ShownDrift = Drift & { panel: string }

type Filter = { limit: number; starting_after?: string | undefined; state?: string | undefined }

/** By id. `next_cursor` is null on the last page. */
export async function listDrifts(
  prisma: PrismaClient,
  { limit, starting_after = '', state }: Filter,
): Promise<{ data: ShownDrift[]; has_more: boolean; next_cursor: string | null }> {
  const rows = await prisma.drift.findMany({
    where: { id: { gt: starting_after }, ...(state ? { state } : {}) },
    orderBy: { id: 'asc' },
    take: limit + 1,
  })
  const page = rows.slice(0, limit).map(fromRow)
  const has_more = rows.length > limit
  return { data: page.map(showDrift), has_more, next_cursor: has_more ? (page.at(-1)?.id ?? null) : null }
}

function fromRow({ kind, state, panelId, orderId, pteroServerId, pteroUuid, ...row }: Row): DriftRow {
  return {
    ...row,
    kind: kind as Drift['kind'],
    state: state as Drift['state'],
    panel_id: panelId,
    order_id: orderId,
    ptero_server_id: pteroServerId,
    ptero_uuid: pteroUuid,
  }
}

/** As the API shows it: always with its panel. */
export function showDrift(row: DriftRow): ShownDrift {
  return { ...driftOf(row), panel: row.panel_id }
}
