import type { PrismaClient } from '../generated/client.ts'
import type { PanelView } from '../panels/panel-view.ts'
import { growthOf, hasRoomFor, type Size, sum } from '../rules/capacity.ts'
import { nodeFull } from '../rules/plan-change.ts'
import { isPending, type PanelNodeId } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { cpuOf } from '../store/regions.ts'
import { reservationsOn } from '../store/reservations.ts'

type Growth = PanelNodeId & { region: string; plan: string; has: Size; wanted: Size }

/**
 * Whether the node of a server has room for what another plan has more, as the panel last showed it and with what is reserved since: without a
 * call to the panel. Nothing is reserved.
 */
export async function whyNoRoom(
  { prisma, view }: { prisma: PrismaClient; view: PanelView },
  { panelId, nodeId, region, plan, has, wanted }: Growth,
): Promise<Wait | null> {
  const growth = growthOf(has, wanted)
  if (growth.memory + growth.disk + growth.cpu === 0) return null
  // The panel counts no cpu: only growth in cpu is held to the limit that the seller set for the node.
  const cpu = growth.cpu === 0 ? null : await cpuOf(prisma, region, { panelId, nodeId })
  const { items, shownAt } = await view.nodes({ withCpu: cpu !== null })
  const node = items.find(({ id }) => id === nodeId)
  if (!node) return nodeFull(nodeId, plan)
  const reservations = await reservationsOn(prisma, panelId, [nodeId])
  const reserved = sum(reservations.filter((one) => isPending(one, shownAt)))
  // A node in maintenance keeps its servers, and their owners may upgrade.
  const fits = hasRoomFor({ ...node, maintenance_mode: false }, growth, { cpu, reserved })
  return fits ? null : nodeFull(nodeId, plan)
}
