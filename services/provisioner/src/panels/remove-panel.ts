import { inTransaction, sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { keySecret } from '../panel-types/main-panel.ts'
import { changeDrift } from '../store/drifts.ts'
import { standing } from './show-panels.ts'

/** Forgets a panel on which nothing stands and nothing will be placed, with its key and all that is its own. */
export async function removePanel(prisma: PrismaClient, panelId: string): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    const rows = await tx.$queryRaw<unknown[]>(sql`SELECT 1 FROM panel WHERE id = ${panelId} FOR UPDATE`)
    if (rows.length === 0) throw new Problem(404, 'panel_unknown', `There is no panel ${panelId}.`)
    await refuseUsed(tx, panelId)
    await tx.$executeRaw(sql`DELETE FROM secrets WHERE name = ${keySecret(panelId)}`)
    await tx.$executeRaw(sql`DELETE FROM plan_spec WHERE panel_id = ${panelId}`)
    await tx.$executeRaw(sql`DELETE FROM allocation_claim WHERE panel_id = ${panelId}`)
    await tx.$executeRaw(sql`DELETE FROM node_capacity WHERE panel_id = ${panelId}`)
    await tx.$executeRaw(sql`DELETE FROM panel_user WHERE panel_id = ${panelId}`)
    await tx.$executeRaw(sql`DELETE FROM panel WHERE id = ${panelId}`)
  })
  const drifts = await prisma.drift.findMany({ where: { panelId, state: { not: 'over' } } })
  for (const { id } of drifts) await changeDrift(prisma, id, { state: 'over' })
}

async function refuseUsed(tx: Transaction, panelId: string): Promise<void> {
  const regions = await tx.$queryRaw<{ region: string }[]>(
    sql`SELECT region FROM region WHERE panel_id = ${panelId} ORDER BY region`,
  )
  const [servers] = await tx.$queryRaw<{ n: bigint | number }[]>(
    sql`SELECT COUNT(*) AS n FROM server WHERE panel_id = ${panelId} AND ${standing}`,
  )
  const [places] = await tx.$queryRaw<{ n: bigint | number }[]>(
    sql`SELECT COUNT(DISTINCT order_id) AS n FROM allocation_claim
        WHERE panel_id = ${panelId} AND on_panel_at IS NULL`,
  )
  const reasons = [
    ...(regions.length > 0
      ? [
          `has the regions ${regions.map(({ region }) => region).join(', ')}: give them to another panel (PUT /admin/region-nodes/:region)`,
        ]
      : []),
    ...counted(
      servers?.n,
      'servers',
      'end their orders, or wait until those that are not there yet have gone on',
    ),
    ...counted(places?.n, 'places that orders hold', 'wait until they are given back'),
  ]
  if (reasons.length === 0) return
  throw new Problem(409, 'panel_in_use', `The panel ${panelId} ${reasons.join('; it ')}.`)
}

function counted(n: bigint | number | undefined, what: string, next: string): string[] {
  return Number(n ?? 0) === 0 ? [] : [`has ${n} ${what}: ${next}`]
}
