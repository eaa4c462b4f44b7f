import type { Reserve } from '@spawnpoint/contracts'
import { sql } from '@spawnpoint/database'
import { RequestRefused } from '@spawnpoint/messaging'
import { eggMissing } from '../egg-missing.ts'
import { findEggSoon } from '../find-egg.ts'
import { findPlanSpec, planWithoutSpec } from '../find-plan-spec.ts'
import type { PrismaClient } from '../generated/client.ts'
import { panelOfRegion } from '../panels/panel-of-region.ts'
import { needOf } from '../plan-spec.ts'
import { type LineDeps, serveLine } from '../waiting-line/serve-line.ts'
import type { Wait } from '../waiting-line/wait.ts'
import { orPanelAway } from './or-panel-away.ts'
import { extendReservation } from './reservations.ts'
import { takePlace } from './take-place.ts'
import type { UnpaidWatch } from './watch-unpaid.ts'

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
