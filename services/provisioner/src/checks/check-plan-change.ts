import type { CheckedChange, checkChange } from '@spawnpoint/contracts'
import type { z } from 'zod'
import { orPanelAway } from '../capacity/or-panel-away.ts'
import { reserveGrowthOnNode } from '../capacity/reserve-growth.ts'
import type { PrismaClient } from '../generated/client.ts'
import { soon } from '../panels/panel-view.ts'
import type { Panels } from '../panels/panels.ts'
import { eggDefects } from '../rules/egg-rules/egg-image.ts'
import { lastAppliedOf } from '../rules/last-applied.ts'
import { otherEgg } from '../rules/plan-change.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'
import { orderOf } from '../rules/server.ts'
import { eggMissing, planWithoutSpec, type Wait } from '../rules/waiting-reasons.ts'
import { findPlanSpec } from '../store/plan-specs.ts'
import { type ExistingServer, findExistingServer } from '../store/servers.ts'

type Deps = { prisma: PrismaClient; panels: Panels }

/** Whether a server could be resized to another plan on its node, as far as is known now. Nothing is reserved. */
export function createCheckPlanChange(deps: Deps) {
  const { prisma, panels } = deps
  return async ({ order_id, plan }: z.infer<typeof checkChange.request>): Promise<CheckedChange> => {
    const server = await findExistingServer(prisma, order_id)
    if (!server) return problem('server_unknown', `Order ${order_id} has no server that could be changed.`)
    const spec = await findPlanSpec(prisma, plan, server.panel_id)
    if (!spec) return { problem: planWithoutSpec(plan, server.panel_id) }
    const { view } = await panels.get(server.panel_id)
    const egg = await orPanelAway(() => soon('The egg', view.egg(spec.ptero_egg_id)))
    if (!egg) return { problem: eggMissing(plan, spec.ptero_egg_id) }
    const [defect] = eggDefects(egg, spec)
    if (defect) return problem('egg_unusable', defect.message)
    return { problem: await orPanelAway(() => whyNotHere(deps, server, { plan, spec })) }
  }
}

type Wanted = { plan: string; spec: PlanSpec }

async function whyNotHere(deps: Deps, server: ExistingServer, { plan, spec }: Wanted): Promise<Wait | null> {
  const { panel } = await deps.panels.get(server.panel_id)
  const found = await panel.server(server.ptero_server_id)
  if (!found) return { class: 'no_capacity', message: 'The panel does not have its server any more.' }
  const before = await findPlanSpec(deps.prisma, planOf(server), server.panel_id)
  const unlike = otherEgg(found, spec, plan)
  if (unlike) return unlike
  const { order_id: orderId } = server
  const { region } = orderOf(server)
  const wanted = { orderId, region, found, plan, spec, portsBefore: before?.ports ?? [], isReserved: false }
  const fit = await reserveGrowthOnNode({ prisma: deps.prisma, panel }, wanted)
  return 'class' in fit ? fit : null
}

function planOf(server: ExistingServer): string {
  return lastAppliedOf(server).plan ?? orderOf(server).plan
}

function problem(name: string, message: string): CheckedChange {
  return { problem: { class: name, message } }
}
