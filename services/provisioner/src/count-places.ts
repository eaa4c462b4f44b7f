import type { Availability } from '@spawnpoint/contracts'
import { hasRoom, howManyFit } from './capacity.ts'
import { countPortSets } from './choose-ports.ts'
import { type Need, openPorts } from './claims.ts'
import { findPlanSpecs } from './find-plan-spec.ts'
import { orPanelAway } from './or-panel-away.ts'
import { needOf, type PlanSpec } from './plan-spec.ts'
import { type RegionHosts, regionHosts } from './region-hosts.ts'
import type { PlaceDeps } from './take-place.ts'
import type { Wait } from './wait.ts'

const mostCounted = 1_000

/** How many more servers of each plan each region takes. */
export function countPlaces(deps: PlaceDeps) {
  return async ({ plans, regions }: Wanted): Promise<{ places: Availability[] }> => {
    const specs = await findPlanSpecs(deps.prisma, plans)
    const places: Availability[] = []
    for (const region of regions) {
      const found = await orPanelAway(() => regionHosts(deps, region))
      for (const plan of plans) {
        const counted = await countPlan(deps, found, specs.get(plan))
        places.push({ plan, region, ...counted })
      }
    }
    return { places }
  }
}

type Wanted = { plans: string[]; regions: string[] }
type Counted = Pick<Availability, 'more' | 'reason'>

async function countPlan(
  deps: PlaceDeps,
  found: RegionHosts | Wait,
  spec: PlanSpec | undefined,
): Promise<Counted> {
  if (!spec) return { more: 0, reason: 'plan_without_spec' }
  if ('class' in found) return { more: 0, reason: found.class }
  const more = await orPanelAway(() => countIn(deps, found, needOf(spec)))
  return { more, reason: more === 0 ? 'no_capacity' : null }
}

async function countIn({ view }: PlaceDeps, { hosts, claims }: RegionHosts, need: Need): Promise<number> {
  let count = 0
  for (const host of hosts.filter((host) => hasRoom(host, need.size))) {
    const { items: free, shownAt } = await view.freePorts(host.node.id)
    const atMost = Math.min(mostCounted - count, Math.floor(howManyFit(host, need.size)))
    count += countPortSets(openPorts(free, claims, shownAt), need.extras, atMost)
  }
  return count
}
