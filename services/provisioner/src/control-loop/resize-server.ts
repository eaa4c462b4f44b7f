import { failpoint } from '@spawnpoint/service-kit'
import { reserveGrowthOnNode } from '../capacity/reserve-growth.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { PanelView } from '../panels/panel-view.ts'
import { settledWith } from '../rules/generated-values.ts'
import { lastAppliedOf, lastAppliedWith } from '../rules/last-applied.ts'
import { nodeFull } from '../rules/plan-change.ts'
import { buildBody, startupBody } from '../rules/resize-body.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { afterPanelCall, blocked, failed } from '../rules/transitions.ts'
import { eggMissing, planWithoutSpec } from '../rules/waiting-reasons.ts'
import { readGenerated } from '../store/generated-values.ts'
import { findPlanSpecs } from '../store/plan-specs.ts'
import { executePanelCall, type PanelCallDeps } from './execute-panel-call.ts'
import { settleSpec } from './settle-spec.ts'
import type { StepResult } from './step-result.ts'

export type ResizeServer = (server: Server, found: PanelServer, now: Date) => Promise<StepResult | null>

type Deps = PanelCallDeps & { panel: Panel; view: PanelView }

/** Gives the server the limits and the settings of the plan that the order has by now, where its node has room for it. */
export function createResizeServer(deps: Deps): ResizeServer {
  const { prisma, panel, view } = deps

  return async function resizeServer(server, found, now) {
    const order = orderOf(server)
    const built = lastAppliedOf(server)
    const specs = await findPlanSpecs(prisma, [order.plan, built.plan ?? order.plan], panel.id)
    const spec = specs.get(order.plan)
    if (!spec) return { server, change: blocked(server, planWithoutSpec(order.plan, panel.id)) }
    const egg = await view.egg(spec.ptero_egg_id)
    if (!egg) return { server, change: failed(eggMissing(order.plan, spec.ptero_egg_id)) }
    const { order_id: orderId, region } = order
    const isReserved = await reserveGrowthOnNode(deps, { orderId, region, found, wanted: spec.limits })
    if (!isReserved) return { server, change: blocked(server, nodeFull(found.node, order.plan)) }

    const settled = await settleSpec(prisma, { order, spec, egg, found })
    if ('problem' in settled) return { server, change: blocked(server, settled.problem) }
    const before = specs.get(built.plan ?? '')
    const specBefore = before && settledWith(before, await readGenerated(prisma, orderId))
    const startup = startupBody({ found, egg, order, spec: settled.spec, built, specBefore })
    const ask = async () => {
      await panel.changeBuild(found.id, buildBody(found, spec))
      failpoint('panel.between-patches')
      if (startup) await panel.changeStartup(found.id, startup)
    }
    const asked = await executePanelCall(deps, server, { intent: 'resize', found, now, ask })
    if (!asked || asked.change) return asked
    const built_state = lastAppliedWith(server, ['plan', 'environment'])
    const publish = built.plan === order.plan ? undefined : 'resized'
    const change = afterPanelCall(asked.server, { built_state, publish, now })
    return { ...asked, change, afterwards: () => view.capacityFreed(found.node) }
  }
}
