import { holdInterval, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { PanelView } from '../panels/panel-view.ts'
import type { Panels } from '../panels/panels.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { addressOf, isNamedByNode } from '../rules/address.ts'
import type { Known } from '../rules/compared.ts'
import { type Found, findDrifts } from '../rules/find-drift.ts'
import { findMoved } from '../rules/find-moved.ts'
import { databaseNow } from '../store/clock.ts'
import { readComparedServers, readOrderPanels } from '../store/drift-servers.ts'
import { recordDrifts } from '../store/drifts.ts'
import { nodesOfPanel } from '../store/regions.ts'
import { makeDriftedServerDue } from '../store/servers.ts'

/** `moved`: those that the panel shows elsewhere, which is taken over. */
export type Swept = { servers: number; found: number; told: number; over: number; moved: number }

export type SweepDeps = { prisma: PrismaClient; panels: Panels; wakeReconciler: () => void }

/** Sweeps a panel once per interval, on one replica; the first time one interval after the first start. */
export function startSweeping({
  panelId,
  intervalMs,
  log,
  ...deps
}: SweepDeps & { prisma: PrismaClient; panelId: string; intervalMs: number; log: Logger }): Loop {
  const name = panelId === mainPanel ? 'drift-sweep' : `drift-sweep/${panelId}`

  return startLoop({
    tick: async () => {
      if (!(await holdInterval(deps.prisma, { name, intervalMs }))) return 0
      const swept = await sweepDrifts(deps, panelId)
      if (swept.told > 0) log.warn({ panel: panelId, ...swept }, 'The panel differs from the orders')
      return 0
    },
    idleMs: Math.max(1_000, intervalMs / 10),
    onError: (error) => log.warn({ err: error, panel: panelId }, 'Drift sweep failed; retrying later'),
  })
}

type Away = { panel: string; error: PanelError }

/** Compares every panel with the orders. Throws only where no panel answers. */
export async function sweepAll(
  deps: SweepDeps,
): Promise<Swept & { away?: { panel: string; message: string }[] }> {
  const ids = await deps.panels.ids()
  const results = await Promise.all(ids.map((id) => sweepOne(deps, id)))
  const away = results.flatMap((result) => ('error' in result ? [result] : []))
  const [first] = away
  if (first && away.length === results.length) throw first.error
  const swept = results.flatMap((result) => ('error' in result ? [] : [result]))
  const total = (what: keyof Swept) => swept.reduce((sum, one) => sum + one[what], 0)
  return {
    servers: total('servers'),
    found: total('found'),
    told: total('told'),
    over: total('over'),
    moved: total('moved'),
    ...(away.length === 0 ? {} : { away: away.map(describeAway) }),
  }
}

function describeAway({ panel, error }: Away) {
  return { panel, message: classifyError(error).message }
}

async function sweepOne(deps: SweepDeps, panel: string): Promise<Swept | Away> {
  try {
    return await sweepDrifts(deps, panel)
  } catch (error) {
    if (error instanceof PanelError) return { panel, error }
    throw error
  }
}

/** Compares all servers of a panel with the orders placed there. Only servers that we created, and whose order has ended, are repaired automatically. */
async function sweepDrifts({ prisma, panels, wakeReconciler }: SweepDeps, panelId: string): Promise<Swept> {
  const { panel, view } = await panels.get(panelId)
  const sweptAt = await databaseNow(prisma)
  const shown = await withNodeNames(panel, await panel.allServers())
  const known = await readComparedServers(prisma, panelId, sweptAt)
  const panelOfOrder = await readOrderPanels(prisma, panelId, shown)
  const panelOf = (orderId: string) => panelOfOrder.get(orderId)
  const regions = await nodesOfPanel(prisma, panelId)
  const regionsOf = (nodeId: number) =>
    regions.filter(({ node_id }) => node_id === nodeId).map(({ region }) => region)
  const suspected = findDrifts(shown, known, {
    ...{ panelId, panelOf, regionsOf },
    lockedIn: await lockedVariables(view, known),
  })
  const moved = findMoved(shown, known, { regionsOf })
  const found: Found[] = []
  for (const one of suspected) if (await isSo(panel, one)) found.push(one)
  const compared = new Set(known.map(({ order_id }) => order_id))
  const isCompared = (orderId: string) => compared.has(orderId)
  const recorded = await recordDrifts(prisma, found, { panelId, sweptAt, isCompared })
  for (const { kind, order_id } of found)
    if (kind === 'left_over') await makeDriftedServerDue(prisma, { order_id, fields: '' })
  // Each is looked at again: where a whole node has another name, sales do not wait for them all.
  for (const [index, order_id] of moved.entries())
    await makeDriftedServerDue(prisma, { order_id, fields: '' }, index * 1_000)
  wakeReconciler()
  return { servers: shown.length, ...recorded, moved: moved.length }
}

// While pages are read, servers disappear and others move to a page that was already read.
async function isSo(panel: Panel, { kind, fields, ptero_server_id, ptero_uuid }: Found): Promise<boolean> {
  const isLost = fields.includes('allocation')
  if (kind !== 'ghost' && !isLost) return true
  const found = ptero_server_id === null ? null : await panel.server(ptero_server_id, { isSweep: true })
  // A transfer that ends between the panel's reads of a server and of its ports shows one without the other.
  if (isLost) return found !== null && addressOf(found) === null
  return found === null || (ptero_uuid !== null && found.uuid !== ptero_uuid)
}

/** By egg, the variables that customers cannot change; none of an egg that the panel no longer has. */
async function lockedVariables(view: PanelView, known: Known[]) {
  const eggIds = [...new Set(known.flatMap(({ spec }) => spec?.ptero_egg_id ?? []))]
  const locked = new Map<number, Set<string>>()
  for (const id of eggIds) {
    const variables = (await view.egg(id))?.relationships.variables ?? []
    const fixed = variables.filter(({ user_editable }) => !user_editable)
    locked.set(id, new Set(fixed.map(({ env_variable }) => env_variable)))
  }
  return (eggId: number): ReadonlySet<string> => locked.get(eggId) ?? new Set()
}

/** Their node, where that gives them their address: the list of servers leaves it out, because the panel sums up a node for each of them. */
async function withNodeNames(panel: Panel, servers: PanelServer[]): Promise<PanelServer[]> {
  if (!servers.some(isNamedByNode)) return servers
  const nodes = await panel.nodes({ withServers: false, urgency: 'sweep' })
  const nameOf = new Map(nodes.map(({ id, fqdn }) => [id, fqdn]))
  return servers.map((server) => {
    const fqdn = isNamedByNode(server) ? nameOf.get(server.node) : undefined
    return fqdn === undefined
      ? server
      : { ...server, relationships: { ...server.relationships, node: { fqdn } } }
  })
}
