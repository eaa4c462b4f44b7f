import type { OrderState } from '@spawnpoint/contracts'
import { needOf, type PlanSpec } from '../rules/plan-spec.ts'
import type { Wait } from '../rules/wait.ts'
import { findPlanSpecs, planWithoutSpec } from '../store/plan-specs.ts'
import { callUp, lineOf } from '../store/provisioning-queue.ts'
import { panelOfRegion } from '../store/regions.ts'
import { type PlaceDeps, takePlace } from './reserve-in-region.ts'

export type LineDeps = PlaceDeps & {
  /** How long a server waits before a person has to see to it. */
  deadlineMs: number
}

/**
 * Gives places to those who wait in a region: first come, first served, and who does not fit lets others pass. Two at once
 * give the same places: a place is given once, under its node's lock. False where nobody waits.
 */
export async function serveLine(deps: LineDeps, region: string): Promise<boolean> {
  const line = await lineOf(deps.prisma, region, deps.deadlineMs)
  if (line.length === 0) return false
  const plans = [...new Set(line.map(({ order }) => order.plan))]
  const panelId = await panelOfRegion(deps.prisma, region)
  const specs = await findPlanSpecs(deps.prisma, plans, panelId)
  // Where one has no place, the next of the same plan has none either.
  const refused = new Map<string, Wait>()
  const called: string[] = []
  for (const { order, errorClass, isOverdue, isPlaced } of line) {
    const { plan, order_id } = order
    const wait = isPlaced
      ? null
      : (refused.get(plan) ?? (await place(deps, order, specs.get(plan) ?? planWithoutSpec(plan, panelId))))
    if (wait) refused.set(plan, wait)
    if (!wait || isOverdue || wait.class !== errorClass) called.push(order_id)
  }
  await callUp(deps.prisma, panelId, called)
  return true
}

async function place(deps: LineDeps, order: OrderState, spec: PlanSpec | Wait): Promise<Wait | null> {
  const { order_id: orderId, version: orderVersion, region } = order
  if ('class' in spec) return spec
  const holder = { orderId, orderVersion, reservedUntil: null }
  const taken = await takePlace(deps, { holder, region, need: needOf(spec) })
  return 'wait' in taken ? taken.wait : null
}
