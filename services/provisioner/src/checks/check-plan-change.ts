import type { CheckedChange, checkChange } from '@spawnpoint/contracts'
import type { z } from 'zod'
import { orPanelAway } from '../capacity/or-panel-away.ts'
import { reserveGrowthOnNode } from '../capacity/reserve-growth.ts'
import { whyNoRoom } from '../capacity/room-for-growth.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { soon } from '../panels/panel-view.ts'
import type { Panels } from '../panels/panels.ts'
import { checkEnvironment } from '../rules/egg-rules/check-environment.ts'
import { eggDefects } from '../rules/egg-rules/egg-image.ts'
import { isSameServer } from '../rules/find-drift.ts'
import { notGenerated } from '../rules/generated-values.ts'
import { lastAppliedOf } from '../rules/last-applied.ts'
import { diskShrinks, otherEgg, shrinksDisk } from '../rules/plan-change.ts'
import { needOf, type PlanSpec } from '../rules/plan-spec.ts'
import { orderOf, serverMissing } from '../rules/server.ts'
import { eggMissing, planWithoutSpec, type Wait } from '../rules/waiting-reasons.ts'
import { hasDrifted } from '../store/drifts.ts'
import { findPlanSpec } from '../store/plan-specs.ts'
import { type ExistingServer, findExistingServer } from '../store/servers.ts'
import { environmentOf } from './check-plan-spec.ts'

type Deps = { prisma: PrismaClient; panels: Panels }

/** Whether a server could be resized to another plan on its node, as far as is known now. Nothing is reserved. */
export function createCheckPlanChange(deps: Deps) {
  const { prisma, panels } = deps
  return async ({
    order_id,
    plan,
    reinstall = false,
  }: z.infer<typeof checkChange.request>): Promise<CheckedChange> => {
    const server = await findExistingServer(prisma, order_id)
    if (!server) return problem('server_unknown', `Order ${order_id} has no server that could be changed.`)
    const spec = await findPlanSpec(prisma, plan, server.panel_id)
    if (!spec) return { problem: planWithoutSpec(plan, server.panel_id) }
    const { view } = await panels.get(server.panel_id)
    const egg = await orPanelAway(() => soon('The egg', view.egg(spec.ptero_egg_id)))
    if (!egg) return { problem: eggMissing(plan, spec.ptero_egg_id) }
    const [defect] = eggDefects(egg, spec)
    if (defect) return problem('egg_unusable', defect.message)
    const before = await findPlanSpec(prisma, planOf(server), server.panel_id)
    const wanted = { plan, spec, egg, before, isAgreed: reinstall }
    return {
      problem: await orPanelAway(() => whyNotHere(deps, server, wanted)),
      warnings: before && shrinksDisk(before, spec) ? [diskShrinks(before, spec)] : [],
    }
  }
}

/** `before`: what it was last made to fit, where that is still known. */
type Wanted = { plan: string; spec: PlanSpec; egg: PanelEgg; before: PlanSpec | null; isAgreed: boolean }

async function whyNotHere(deps: Deps, server: ExistingServer, wanted: Wanted): Promise<Wait | null> {
  const { before, spec } = wanted
  const isThere = server.error_class !== serverMissing && !(await hasDrifted(deps.prisma, server.order_id))
  const isAsPlanned = before !== null && isThere
  return isAsPlanned && server.node_id !== null && hasSamePorts(before, spec)
    ? await byView(deps, server, { ...wanted, before, nodeId: server.node_id })
    : await byPanel(deps, server, wanted)
}

/** A server that is as its plan has it, and keeps its ports: what is stored says it all. */
async function byView(
  deps: Deps,
  server: ExistingServer,
  { before, nodeId, ...wanted }: Wanted & { before: PlanSpec; nodeId: number },
): Promise<Wait | null> {
  const unlike = whyUnlike(server, before.ptero_egg_id, wanted)
  if (unlike) return unlike
  const { view } = await deps.panels.get(server.panel_id)
  const { region } = orderOf(server)
  const growth = { panelId: server.panel_id, nodeId, region, plan: wanted.plan }
  const sizes = { has: needOf(before).size, wanted: needOf(wanted.spec).size }
  return await soon('The nodes', whyNoRoom({ prisma: deps.prisma, view }, { ...growth, ...sizes }))
}

async function byPanel(deps: Deps, server: ExistingServer, wanted: Wanted): Promise<Wait | null> {
  const { panel } = await deps.panels.get(server.panel_id)
  const found = await panel.server(server.ptero_server_id)
  // The panel may have given its number to another one since.
  if (!found || !isSameServer(server, found.uuid))
    return { class: serverMissing, message: 'The panel does not have its server any more.' }
  const unlike = whyUnlike(server, found.egg, wanted)
  if (unlike) return unlike
  const { order_id: orderId } = server
  const { region } = orderOf(server)
  const { plan, spec, before } = wanted
  const growth = { orderId, region, found, plan, spec, portsBefore: before?.ports ?? [], isReserved: false }
  const fit = await reserveGrowthOnNode({ prisma: deps.prisma, panel }, growth)
  return 'class' in fit ? fit : null
}

function whyUnlike(
  server: ExistingServer,
  egg: number,
  { egg: wanted, spec, ...change }: Omit<Wanted, 'before'>,
): Wait | null {
  const unlike = otherEgg({ egg }, spec, change)
  return unlike ?? (egg === spec.ptero_egg_id ? null : whyNotInstalled(wanted, spec, server))
}

function hasSamePorts(before: PlanSpec, after: PlanSpec): boolean {
  return JSON.stringify(before.ports) === JSON.stringify(after.ports)
}

/** With another egg the server has another environment: that of a new one. */
function whyNotInstalled(egg: PanelEgg, spec: PlanSpec, server: ExistingServer): Wait | null {
  const { environment, impossible } = environmentOf(egg, spec, orderOf(server).environment)
  const found = checkEnvironment(egg.relationships.variables, environment).filter(
    ({ isUnknown }) => !isUnknown,
  )
  const [message] = [...impossible.map(notGenerated), ...found.map((finding) => finding.message)]
  return message === undefined
    ? null
    : { class: 'plan_unfit', message: `The egg does not take what the plan gives it. ${message}` }
}

function planOf(server: ExistingServer): string {
  return lastAppliedOf(server).plan ?? orderOf(server).plan
}

function problem(name: string, message: string): CheckedChange {
  return { problem: { class: name, message } }
}
