import type { Reserve } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { soon } from '../panels/panel-view.ts'
import { needOf } from '../rules/plan-spec.ts'
import { eggMissing, planWithoutSpec, type Wait } from '../rules/waiting-reasons.ts'
import { findPlanSpec } from '../store/plan-specs.ts'
import { panelOfRegion } from '../store/regions.ts'
import { extendReservation } from '../store/reservations.ts'
import { isServerWanted } from '../store/servers.ts'
import { orPanelAway } from './or-panel-away.ts'
import { drainQueue, type QueueDeps } from './provisioning-queue.ts'
import { reserveInRegion } from './reserve-in-region.ts'
import type { UnpaidCapacity } from './unpaid-capacity.ts'

/** Reserves capacity for an unpaid order: paid orders in the queue come first, and unpaid ones never get all of it. */
export function reserveForOrder(deps: QueueDeps & { unpaid: UnpaidCapacity }) {
  const { prisma, panels, unpaid } = deps

  return async (request: Reserve): Promise<{ order_id: string }> => {
    const { order_id, order_version, plan, region } = request
    const holder = { orderId: order_id, orderVersion: order_version, reservedUntil: new Date(request.until) }
    if (await extendReservation(prisma, { ...holder, until: holder.reservedUntil })) return { order_id }
    if (await isServerWanted(prisma, order_id)) return { order_id }
    const panelId = await panelOfRegion(prisma, region)
    const spec = await findPlanSpec(prisma, plan, panelId)
    if (!spec) throw refusal(planWithoutSpec(plan, panelId))
    const taken = await orPanelAway(async () => {
      const { view } = await panels.get(panelId)
      if (!(await soon('The egg', view.egg(spec.ptero_egg_id))))
        return { wait: eggMissing(plan, spec.ptero_egg_id) }
      await drainQueue(deps, region)
      return await reserveInRegion(deps, { holder, region, need: needOf(spec), limitOf: unpaid.limitOf })
    })
    if (!('wait' in taken)) return { order_id }
    if (taken.wait.class === 'no_capacity') await unpaid.foundFull(region)
    throw refusal(taken.wait)
  }
}

function refusal({ class: code, message }: Wait): RequestRefused {
  return new RequestRefused(code, message)
}
