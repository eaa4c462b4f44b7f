import { failpoint } from '@spawnpoint/service-kit'
import { reserveGrowthOnNode } from '../capacity/reserve-growth.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { PanelView } from '../panels/panel-view.ts'
import { settledWith } from '../rules/generated-values.ts'
import { isRepair, lastAppliedOf, lastAppliedWith, unsettled } from '../rules/last-applied.ts'
import { eggByHand, otherEgg, portsTaken } from '../rules/plan-change.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'
import type { Port } from '../rules/ports.ts'
import { buildBody, startupBody } from '../rules/resize-body.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { afterPanelCall, blocked } from '../rules/transitions.ts'
import { eggMissing, planWithoutSpec } from '../rules/waiting-reasons.ts'
import { readGenerated } from '../store/generated-values.ts'
import type { ReinstallMark } from '../store/intents.ts'
import { findPlanSpecs } from '../store/plan-specs.ts'
import { executePanelCall, type PanelCallDeps } from './execute-panel-call.ts'
import { settleSpec } from './settle-spec.ts'
import type { StepResult } from './step-result.ts'

export type ResizeServer = (server: Server, found: PanelServer, now: Date) => Promise<StepResult | null>

type Deps = PanelCallDeps & { panel: Panel; view: PanelView }

/** Gives the server the limits and the settings of the plan that the order has by now, where its node has room for it. */
export function createResizeServer(deps: Deps): ResizeServer {
  const { prisma, panel, view, timeScale } = deps

  return async function resizeServer(server, found, now) {
    const order = orderOf(server)
    const built = lastAppliedOf(server)
    const specs = await findPlanSpecs(prisma, [order.plan, built.plan ?? order.plan], panel.id)
    const spec = specs.get(order.plan)
    if (!spec) return { server, change: blocked(server, planWithoutSpec(order.plan, panel.id)) }
    const egg = await view.egg(spec.ptero_egg_id)
    if (!egg) return { server, change: blocked(server, eggMissing(order.plan, spec.ptero_egg_id)) }
    const { order_id: orderId, region } = order
    const isAgreed = order.delivery?.reinstall_for === order.plan
    // Agreed to once, for a change of plan: a repair wipes nothing.
    const unlike = isRepair(built)
      ? eggByHand(found, spec)
      : otherEgg(found, spec, { plan: order.plan, isAgreed })
    if (unlike) return { server, change: blocked(server, unlike) }
    const before = specs.get(built.plan ?? '')
    const portsBefore = before?.ports ?? []
    const wanted = { orderId, region, found, plan: order.plan, spec, portsBefore, isReserved: true }
    const ports = await reserveGrowthOnNode(deps, wanted)
    if ('class' in ports) return { server, change: blocked(server, ports) }

    const settled = await settleSpec(prisma, { order, spec, egg, found })
    if ('problem' in settled) return { server, change: blocked(server, settled.problem) }
    const specBefore = before && settledWith(before, await readGenerated(prisma, orderId))
    const startup = startupBody({
      found,
      egg,
      order,
      spec: settled.spec,
      built,
      specBefore,
      ports: ports.environment,
    })
    let lost: Port[] = []
    const ask = async () => {
      const build = buildBody(found, spec)
      const { add, remove } = ports
      await panel.changeBuild(found.id, {
        ...build,
        ...(add.length > 0 ? { add_allocations: idsOf(add) } : {}),
      })
      lost = add.length > 0 ? await notGiven(panel, found.id, add) : []
      if (lost.length > 0) return
      failpoint('panel.between-patches')
      if (startup) await panel.changeStartup(found.id, startup)
      // Only once no variable names them any more.
      if (remove.length > 0)
        await panel.changeBuild(found.id, { ...build, remove_allocations: idsOf(remove) })
    }
    const asked = await executePanelCall(deps, server, {
      intent: 'resize',
      found,
      now,
      ask,
      reinstall: reinstallFor(server, found, spec),
      built_state: unsettled(server),
    })
    if (!asked || asked.change) return asked
    if (lost.length > 0) {
      const taken = portsTaken(
        found.node,
        lost.map(({ port }) => port),
      )
      return { ...asked, change: blocked(asked.server, taken) }
    }
    const built_state = lastAppliedWith(server, ['plan', 'environment'])
    const publish = built.plan === order.plan ? undefined : 'resized'
    const applied = afterPanelCall(asked.server, { built_state, publish, now })
    const isLater = applied.due === 'keep' && found.egg !== spec.ptero_egg_id
    const change = isLater ? { ...applied, due: panelSecondMs / timeScale } : applied
    return { ...asked, change, afterwards: () => view.capacityFreed(found.node) }
  }
}

/** The panel shows when a server was changed in whole seconds: what is asked for after the next one began shows another time. */
const panelSecondMs = 1_500

/** Recorded before the server has another egg, so that no crash leaves the files of one to the other; not for an egg that it has already. */
function reinstallFor(
  { reinstall_egg }: Server,
  found: PanelServer,
  { ptero_egg_id: egg }: PlanSpec,
): ReinstallMark | undefined {
  if (found.egg !== egg) return { reinstall_egg: egg, reinstall_sent_of: null }
  const isOfBefore = reinstall_egg !== null && reinstall_egg !== egg
  return isOfBefore ? { reinstall_egg: null, reinstall_sent_of: null } : undefined
}

function idsOf(ports: Port[]): number[] {
  return ports.map(({ id }) => id)
}

/** The panel skips what is not free any more. */
async function notGiven(panel: Panel, id: number, added: Port[]): Promise<Port[]> {
  const shown = await panel.server(id)
  const given = new Set(shown?.relationships?.allocations?.map((port) => port.id))
  return added.filter((port) => !given.has(port.id))
}
