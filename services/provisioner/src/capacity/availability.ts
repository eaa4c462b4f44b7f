import { setTimeout as delay } from 'node:timers/promises'
import type { Availability } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { soon } from '../panels/panel-view.ts'
import { hasRoom, howManyFit } from '../rules/capacity.ts'
import { needOf, type PlanSpec } from '../rules/plan-spec.ts'
import { countPortSets } from '../rules/ports.ts'
import { type Need, openPorts } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { findPlanSpecs } from '../store/plan-specs.ts'
import { panelOfRegion } from '../store/regions.ts'
import { orPanelAway } from './or-panel-away.ts'
import { type RegionNodes, regionNodes } from './region-nodes.ts'
import type { CapacityDeps } from './reserve-in-region.ts'
import type { UnpaidCapacity } from './unpaid-capacity.ts'

const mostCounted = 1_000
/** The caller waits for it: a panel that hangs counts as unavailable. */
const patienceMs = 3_000

/** How many more servers of each plan fit in each region. An unavailable panel does not affect the regions of another. */
export function countAvailability(deps: CountDeps) {
  return async ({ plans, regions }: Wanted): Promise<{ places: Availability[] }> => {
    const counting = regions.map(async (region) => {
      const counted = await orAway(countRegion(deps, region, plans))
      return plans.map((plan) => ({ plan, region, ...(counted?.get(plan) ?? away) }))
    })
    const places = (await Promise.all(counting)).flat()
    if (places.length > 0 && places.every(({ reason }) => reason === away.reason))
      throw new RequestRefused(away.reason, 'The panel is unavailable: capacity is currently unknown.')
    return { places }
  }
}

type CountDeps = CapacityDeps & { unpaid: UnpaidCapacity }
type Wanted = { plans: string[]; regions: string[] }
type Counted = Pick<Availability, 'more' | 'reason'>

const away = { more: 0, reason: 'panel_away' }

async function orAway<Result>(counting: Promise<Result>): Promise<Result | null> {
  const patience = new AbortController()
  const late = delay(patienceMs, null, { ref: false, signal: patience.signal }).catch(() => null)
  try {
    return await Promise.race([counting, late])
  } catch (error) {
    if (error instanceof RequestRefused && error.code === away.reason) return null
    throw error
  } finally {
    patience.abort()
  }
}

async function countRegion(deps: CountDeps, region: string, plans: string[]): Promise<Map<string, Counted>> {
  const specs = await findPlanSpecs(deps.prisma, plans, await panelOfRegion(deps.prisma, region))
  const found = await orPanelAway(() => regionNodes(deps, region))
  const counted = new Map<string, Counted>()
  for (const plan of plans) counted.set(plan, await countPlan(found, specs.get(plan), { region, ...deps }))
  return counted
}

async function countPlan(
  found: RegionNodes | Wait,
  spec: PlanSpec | undefined,
  { region, unpaid }: { region: string; unpaid: UnpaidCapacity },
): Promise<Counted> {
  if (!spec) return { more: 0, reason: 'plan_without_spec' }
  if ('class' in found) return { more: 0, reason: found.class }
  const egg = await orPanelAway(() => soon('The egg', found.tools.view.egg(spec.ptero_egg_id)))
  if (!egg) return { more: 0, reason: 'egg_missing' }
  const more = await orPanelAway(() => countIn(found, needOf(spec)))
  if (more === 0) return { more, reason: 'no_capacity' }
  const limit = await unpaid.limitOf(region, found, needOf(spec))
  return (await unpaid.isReached(limit))
    ? { more: 0, reason: 'unpaid_capacity_reached' }
    : { more, reason: null }
}

async function countIn({ tools, hosts, reservations }: RegionNodes, need: Need): Promise<number> {
  let count = 0
  for (const host of hosts.filter((host) => hasRoom(host, need.size))) {
    const { items: free, shownAt } = await tools.view.freePorts(host.node.id)
    const atMost = Math.min(mostCounted - count, Math.floor(howManyFit(host, need.size)))
    count += countPortSets(openPorts(free, reservations, shownAt), need.extras, atMost)
  }
  return count
}
