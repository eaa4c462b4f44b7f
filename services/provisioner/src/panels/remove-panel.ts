import { inTransaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { changeDrift } from '../store/drifts.ts'
import { deletePanel, lockStoredPanel, panelUse } from '../store/panels.ts'
import type { Tx } from '../store/tx.ts'

/** Removes a panel that has no servers and no regions, with its key and everything that belongs to it. */
export async function removePanel(prisma: PrismaClient, panelId: string): Promise<void> {
  await inTransaction(prisma, async (tx) => {
    if (!(await lockStoredPanel(tx, panelId)))
      throw new Problem(404, 'panel_unknown', `There is no panel ${panelId}.`)
    await refuseUsed(tx, panelId)
    await deletePanel(tx, panelId)
  })
  const drifts = await prisma.drift.findMany({ where: { panelId, state: { not: 'over' } } })
  for (const { id } of drifts) await changeDrift(prisma, id, { state: 'over' })
}

async function refuseUsed(tx: Tx, panelId: string): Promise<void> {
  const { regions, servers, reservations } = await panelUse(tx, panelId)
  const reasons = [
    ...(regions.length > 0
      ? [
          `has the regions ${regions.join(', ')}: give them to another panel (PUT /admin/region-nodes/:region)`,
        ]
      : []),
    ...counted(
      servers,
      'servers',
      'end their orders, or wait until those that are not there yet have gone on',
    ),
    ...counted(reservations, 'places that orders hold', 'wait until they are given back'),
  ]
  if (reasons.length === 0) return
  throw new Problem(409, 'panel_in_use', `The panel ${panelId} ${reasons.join('; it ')}.`)
}

function counted(n: number, what: string, next: string): string[] {
  return n === 0 ? [] : [`has ${n} ${what}: ${next}`]
}
