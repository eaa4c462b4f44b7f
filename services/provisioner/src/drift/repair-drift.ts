import { inTransaction, sql } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Server as Row } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { Panels } from '../panels/panels.ts'
import { builtOf } from '../rules/last-applied.ts'
import { isSameServer } from '../rules/same-server.ts'
import type { Server } from '../rules/server.ts'
import { changeDrift, type DriftRow } from '../store/drifts.ts'

type Deps = { prisma: PrismaClient; panels: Panels; wakeReconciler: () => void }

/** Does what the drift says that its repair does. It is over once a sweep no longer finds it. */
export async function repairDrift(
  { prisma, panels, wakeReconciler }: Deps,
  { id, by }: { id: string; by: string },
): Promise<DriftRow> {
  const drift = await changeDrift(prisma, id, { state: 'repairing', by })
  const { panel } = await panels.get(drift.panel_id)
  if (drift.kind === 'orphan') await deleteOrphan(prisma, panel, drift)
  else await driveAgain(prisma, drift)
  wakeReconciler()
  return drift
}

/** Drives the server of an order towards what is wanted of it, as if nothing were known of what somebody changed. */
export async function driveAgain(
  prisma: PrismaClient,
  { order_id, fields }: Pick<DriftRow, 'order_id' | 'fields'>,
): Promise<void> {
  const changed = fields.split(',')
  await inTransaction(prisma, async (tx) => {
    const [row] = await tx.$queryRaw<Server[]>(
      sql`SELECT * FROM server WHERE order_id = ${order_id} FOR UPDATE`,
    )
    if (!row) return
    await tx.$executeRaw(
      sql`UPDATE server SET built_state = ${forgotten(row, changed)}, attempts = 0,
            suspend_sent_at = IF(${changed.includes('suspended')}, UTC_TIMESTAMP(3), suspend_sent_at),
            next_attempt_at = UTC_TIMESTAMP(3)
          WHERE order_id = ${order_id}`,
    )
  })
}

/** Nothing and nobody is called so: whatever the order wants differs from it. */
const unknown = '?'
const nobody = { id: null, email: 'nobody@example.invalid', name: unknown }

function forgotten(row: Server, changed: string[]): string | null {
  const has = (...fields: string[]) => fields.some((field) => changed.includes(field))
  const built = {
    ...builtOf(row),
    ...(has('memory', 'swap', 'disk', 'io', 'cpu') ? { plan: unknown } : {}),
    ...(has('owner') ? { customer: nobody } : {}),
    ...(has('external_id') ? { server_name: unknown } : {}),
  }
  return row.built_state === null && Object.keys(built).length === 0 ? null : JSON.stringify(built)
}

async function deleteOrphan(
  prisma: PrismaClient,
  panel: Panel,
  { ptero_server_id: id, ptero_uuid }: DriftRow,
): Promise<void> {
  const found = id === null ? null : await panel.server(id)
  // The panel gives its numbers out again, and the order may have been heard of meanwhile.
  if (!found || found.uuid !== ptero_uuid) return
  const heard = await prisma.server.findUnique({ where: { orderId: found.external_id ?? '' } })
  // One whose server is on another panel has this one by mistake.
  const wasAskedFor = heard !== null && (heard.generation > 0 || heard.pteroServerId !== null)
  // Under another name its panel may be that very one.
  const isItself = heard !== null && isSameServer(serverOf(heard), found.uuid)
  const isElsewhere = wasAskedFor && heard.panelId !== panel.id && !isItself
  if (heard && !isElsewhere)
    throw new Problem(
      409,
      'order_known',
      `Server ${found.id} belongs to the order ${heard.orderId} after all.`,
    )
  await panel.deleteServer(found.id)
}

function serverOf({ pteroUuid, pteroIdentifier }: Row) {
  return { ptero_uuid: pteroUuid, ptero_identifier: pteroIdentifier }
}
