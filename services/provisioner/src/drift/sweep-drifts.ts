import { sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { Panels } from '../panels/panels.ts'
import { type Found, findDrifts } from '../rules/find-drift.ts'
import { readHeard, readKnown } from '../store/compared-servers.ts'
import { recordDrifts } from '../store/drifts.ts'
import { driveAgain } from './repair-drift.ts'

export type Swept = { servers: number; found: number; told: number; over: number }

export type SweepDeps = { prisma: PrismaClient; panels: Panels; wakeReconciler: () => void }

/** Compares all the servers of a panel with the orders that have theirs there. Only what we had asked for, and whose order is over, is repaired by itself. */
export async function sweepDrifts(
  { prisma, panels, wakeReconciler }: SweepDeps,
  panelId: string,
): Promise<Swept> {
  const { panel } = await panels.get(panelId)
  const sweptAt = await databaseNow(prisma)
  const shown = await panel.allServers()
  const known = await readKnown(prisma, panelId, sweptAt)
  const heard = await readHeard(prisma, panelId, shown)
  const suspected = findDrifts(shown, known, { panelId, panelOf: (orderId) => heard.get(orderId) })
  const found: Found[] = []
  for (const one of suspected) if (await isSo(panel, one)) found.push(one)
  const compared = new Set(known.map(({ order_id }) => order_id))
  const isCompared = (orderId: string) => compared.has(orderId)
  const recorded = await recordDrifts(prisma, found, { panelId, sweptAt, isCompared })
  for (const { kind, order_id } of found)
    if (kind === 'left_over') await driveAgain(prisma, { order_id, fields: '' })
  wakeReconciler()
  return { servers: shown.length, ...recorded }
}

// While pages are read servers go, and others move to a page that was read already.
async function isSo(panel: Panel, { kind, ptero_server_id, ptero_uuid }: Found): Promise<boolean> {
  if (kind !== 'ghost') return true
  const found = ptero_server_id === null ? null : await panel.server(ptero_server_id, { isSweep: true })
  return found === null || (ptero_uuid !== null && found.uuid !== ptero_uuid)
}

async function databaseNow(prisma: PrismaClient): Promise<Date> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return row?.now ?? new Date(0)
}
