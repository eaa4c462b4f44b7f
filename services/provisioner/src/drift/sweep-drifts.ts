import { sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelClient } from '../panel/panel-client.ts'
import { page, panelServer, serverAttributes } from '../panel/resources.ts'
import { type Found, findDrifts, type Shown } from './find-drifts.ts'
import { readHeard, readKnown } from './read-known.ts'
import { recordDrifts } from './record-drifts.ts'
import { driveAgain } from './repair-drift.ts'

export type Swept = { servers: number; found: number; told: number; over: number }

export type SweepDeps = { prisma: PrismaClient; panel: PanelClient; wakeReconciler: () => void }

/** Compares all the servers of the panel with all the orders. Only what we had asked for, and whose order is over, is repaired by itself. */
export async function sweepDrifts({ prisma, panel, wakeReconciler }: SweepDeps): Promise<Swept> {
  const sweptAt = await databaseNow(prisma)
  const shown = await listServers(panel)
  const known = await readKnown(prisma, sweptAt)
  const heard = await readHeard(
    prisma,
    shown.flatMap(({ external_id }) => external_id ?? []),
  )
  const suspected = findDrifts(shown, known, (orderId) => heard.has(orderId))
  const found: Found[] = []
  for (const one of suspected) if (await isSo(panel, one)) found.push(one)
  const compared = new Set(known.map(({ order_id }) => order_id))
  const isCompared = (orderId: string) => compared.has(orderId)
  const recorded = await recordDrifts(prisma, found, { sweptAt, isCompared })
  for (const { kind, order_id } of found)
    if (kind === 'left_over') await driveAgain(prisma, { order_id, fields: '' })
  wakeReconciler()
  return { servers: shown.length, ...recorded }
}

async function listServers(panel: PanelClient): Promise<Shown[]> {
  const shown: Shown[] = []
  for (let number = 1; ; number += 1) {
    const { items, pages } = await panel.call(
      `/servers?sort=id&per_page=100&page=${number}`,
      page(serverAttributes),
      { urgency: 'sweep' },
    )
    shown.push(...items)
    if (number >= pages) return shown
  }
}

// While pages are read servers go, and others move to a page that was read already.
async function isSo(panel: PanelClient, { kind, ptero_server_id, ptero_uuid }: Found): Promise<boolean> {
  if (kind !== 'ghost') return true
  const found = await panel.find(`/servers/${ptero_server_id}`, panelServer, { urgency: 'sweep' })
  return found === null || (ptero_uuid !== null && found.uuid !== ptero_uuid)
}

async function databaseNow(prisma: PrismaClient): Promise<Date> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return row?.now ?? new Date(0)
}
