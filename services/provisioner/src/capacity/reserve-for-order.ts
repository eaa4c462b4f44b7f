import type { Reserve } from '@spawnpoint/contracts'
import { sql } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { findEggSoon } from '../panels/find-egg.ts'
import { eggMissing } from '../rules/egg-missing.ts'
import { needOf } from '../rules/plan-spec.ts'
import type { Wait } from '../rules/wait.ts'
import { findPlanSpec, planWithoutSpec } from '../store/plan-specs.ts'
import { panelOfRegion } from '../store/regions.ts'
import { extendReservation } from '../store/reservations.ts'
import { type LineDeps, serveLine } from './drain-queue.ts'
import { orPanelAway } from './or-panel-away.ts'
import { takePlace } from './reserve-in-region.ts'
import type { UnpaidWatch } from './unpaid-capacity.ts'

/** Holds a place for an order that is not paid yet: never one that somebody waits for who has paid, and not all there are. */
export function reservePlace(deps: LineDeps & { unpaid: UnpaidWatch }) {
  const { prisma, panels, unpaid } = deps

  return async (request: Reserve): Promise<{ order_id: string }> => {
    const { order_id, order_version, plan, region } = request
    const holder = { orderId: order_id, orderVersion: order_version, reservedUntil: new Date(request.until) }
    if (await extendReservation(prisma, { ...holder, until: holder.reservedUntil })) return { order_id }
    if (await isWanted(prisma, order_id)) return { order_id }
    const panelId = await panelOfRegion(prisma, region)
    const spec = await findPlanSpec(prisma, plan, panelId)
    if (!spec) throw refusal(planWithoutSpec(plan, panelId))
    const taken = await orPanelAway(async () => {
      const { findEgg } = await panels.get(panelId)
      if (!(await findEggSoon(findEgg, spec.ptero_egg_id)))
        return { wait: eggMissing(plan, spec.ptero_egg_id) }
      await serveLine(deps, region)
      return await takePlace(deps, { holder, region, need: needOf(spec), limitOf: unpaid.limitOf })
    })
    if (!('wait' in taken)) return { order_id }
    if (taken.wait.class === 'no_capacity') await unpaid.foundFull(region)
    throw refusal(taken.wait)
  }
}

// It is paid: it has its place, or stands in line for one.
async function isWanted(prisma: PrismaClient, orderId: string): Promise<boolean> {
  const rows = await prisma.$queryRaw<unknown[]>(
    sql`SELECT 1 FROM server WHERE order_id = ${orderId} AND desired <> 'none'`,
  )
  return rows.length > 0
}

function refusal({ class: code, message }: Wait): RequestRefused {
  return new RequestRefused(code, message)
}
