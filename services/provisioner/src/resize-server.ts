import { failpoint } from '@spawnpoint/service-kit'
import { builtOf, builtWith } from './built.ts'
import { type CarryOutDeps, carryOut } from './carry-out.ts'
import { failed, lacking } from './changes.ts'
import { eggMissing } from './egg-missing.ts'
import type { FindEgg } from './find-egg.ts'
import { findPlanSpecs, planWithoutSpec } from './find-plan-spec.ts'
import type { Panel } from './panel/panel.ts'
import type { PanelServer } from './panel/resources.ts'
import { claimGrowth } from './placement/claim-growth.ts'
import { recordFitted } from './record-fitted.ts'
import { recordServer } from './record-server.ts'
import { buildBody, startupBody } from './resize-bodies.ts'
import { orderOf, type Server } from './server.ts'

export type ResizeServer = (server: Server, found: PanelServer, now: Date) => Promise<Server | null>

type Deps = CarryOutDeps & { panel: Panel; findEgg: FindEgg; wakeWaiting: () => void }

/** Gives the server the limits and the settings of the plan that the order has by now, where its node has room for it. */
export function createResizeServer(deps: Deps): ResizeServer {
  const { prisma, panel, findEgg } = deps

  return async function resizeServer(server, found, now) {
    const order = orderOf(server)
    const built = builtOf(server)
    const specs = await findPlanSpecs(prisma, [order.plan, built.plan ?? order.plan], panel.id)
    const spec = specs.get(order.plan)
    if (!spec) return await giveUp(server, lacking(server, planWithoutSpec(order.plan, panel.id)))
    const egg = await findEgg(spec.ptero_egg_id)
    if (!egg) return await giveUp(server, failed(eggMissing(order.plan, spec.ptero_egg_id)))
    const { order_id: orderId, region } = order
    const claimed = await claimGrowth(deps, { orderId, region, found, wanted: spec.limits })
    if (!claimed) return await giveUp(server, lacking(server, nodeFull(found.node, order.plan)))

    const startup = startupBody({ found, egg, order, spec, built, specBefore: specs.get(built.plan ?? '') })
    const ask = async () => {
      await panel.changeBuild(found.id, buildBody(found, spec))
      failpoint('panel.between-patches')
      if (startup) await panel.changeStartup(found.id, startup)
    }
    const asked = await carryOut(deps, server, { intent: 'resize', found, now, ask })
    if (!asked) return null
    const built_state = builtWith(server, ['plan', 'environment'])
    const tell = built.plan === order.plan ? undefined : 'resized'
    const saved = await recordFitted(deps, asked, { built_state, tell, now })
    deps.wakeWaiting()
    return saved
  }

  async function giveUp(server: Server, change: Parameters<typeof recordServer>[2]): Promise<null> {
    await recordServer(deps, server, change)
    return null
  }
}

function nodeFull(nodeId: number, plan: string) {
  return { class: 'no_capacity', message: `Node ${nodeId} has no room for what the plan ${plan} has more.` }
}
