import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Server as Row } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { Panels } from '../panels/panels.ts'
import { isSameServer } from '../rules/find-drift.ts'
import { changeDrift, type DriftRow } from '../store/drifts.ts'
import { makeDriftedServerDue } from '../store/servers.ts'

type Deps = { prisma: PrismaClient; panels: Panels; wakeReconciler: () => void }

/** Performs the repair that the drift announces. The drift ends once a sweep no longer finds it. */
export async function repairDrift(
  { prisma, panels, wakeReconciler }: Deps,
  { id, by }: { id: string; by: string },
): Promise<DriftRow> {
  const drift = await changeDrift(prisma, id, { state: 'repairing', by })
  const { panel } = await panels.get(drift.panel_id)
  if (drift.kind === 'orphan') await deleteOrphan(prisma, panel, drift)
  else await makeDriftedServerDue(prisma, { ...drift, isGivenUp: drift.kind === 'ghost' })
  wakeReconciler()
  return drift
}

async function deleteOrphan(
  prisma: PrismaClient,
  panel: Panel,
  { ptero_server_id: id, ptero_uuid }: DriftRow,
): Promise<void> {
  const found = id === null ? null : await panel.server(id)
  // The panel reuses its ids, and an event of the order may have arrived meanwhile.
  if (!found || found.uuid !== ptero_uuid) return
  const known = await prisma.server.findUnique({ where: { orderId: found.external_id ?? '' } })
  // An order whose server is on another panel has this one by mistake.
  const wasAskedFor = known !== null && (known.generation > 0 || known.pteroServerId !== null)
  // Its panel may be this one, registered under another name.
  const isItself = known !== null && isSameServer(serverOf(known), found.uuid)
  const isElsewhere = wasAskedFor && known.panelId !== panel.id && !isItself
  if (known && !isElsewhere)
    throw new Problem(
      409,
      'order_known',
      `Server ${found.id} belongs to the order ${known.orderId} after all.`,
    )
  await panel.deleteServer(found.id)
}

function serverOf({ pteroUuid, pteroIdentifier }: Row) {
  return { ptero_uuid: pteroUuid, ptero_identifier: pteroIdentifier }
}
