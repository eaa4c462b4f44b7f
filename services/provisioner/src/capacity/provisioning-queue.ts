import type { OrderState } from '@spawnpoint/contracts'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { needOf, type PlanSpec } from '../rules/plan-spec.ts'
import { planWithoutSpec, type Wait } from '../rules/waiting-reasons.ts'
import { findPlanSpecs } from '../store/plan-specs.ts'
import {
  enqueue as addToQueue,
  dequeue,
  makeQueuedDue,
  readQueue,
  regionsWithQueue,
  removeSettled,
} from '../store/provisioning-queue.ts'
import { panelOfRegion } from '../store/regions.ts'
import { removeExpiredReservations } from '../store/reservations.ts'
import { type CapacityDeps, reserveInRegion } from './reserve-in-region.ts'

export type QueueDeps = CapacityDeps & {
  /** How long a server stays queued before a person has to see to it. */
  deadlineMs: number
}

/**
 * Reserves capacity for the queued servers of a region: first come, first served, skipping those that do not fit. Concurrent calls
 * are safe: capacity is given once, under its node's lock. False where the queue is empty.
 */
export async function drainQueue(deps: QueueDeps, region: string): Promise<boolean> {
  const queued = await readQueue(deps.prisma, region, deps.deadlineMs)
  if (queued.length === 0) return false
  const plans = [...new Set(queued.map(({ order }) => order.plan))]
  const panelId = await panelOfRegion(deps.prisma, region)
  const specs = await findPlanSpecs(deps.prisma, plans, panelId)
  // Where one does not fit, the next of the same plan does not either.
  const refused = new Map<string, Wait>()
  const called: string[] = []
  for (const { order, errorClass, isOverdue, hasReservation } of queued) {
    const { plan, order_id } = order
    const wait = hasReservation
      ? null
      : (refused.get(plan) ?? (await reserve(deps, order, specs.get(plan) ?? planWithoutSpec(plan, panelId))))
    if (wait) refused.set(plan, wait)
    if (!wait || isOverdue || wait.class !== errorClass) called.push(order_id)
  }
  await makeQueuedDue(deps.prisma, panelId, called)
  return true
}

async function reserve(deps: QueueDeps, order: OrderState, spec: PlanSpec | Wait): Promise<Wait | null> {
  const { order_id: orderId, version: orderVersion, region } = order
  if ('class' in spec) return spec
  const holder = { orderId, orderVersion, reservedUntil: null }
  const taken = await reserveInRegion(deps, { holder, region, need: needOf(spec) })
  return 'wait' in taken ? taken.wait : null
}

const sweepMs = 30_000

/** Drains the queues of a panel: when woken because there may be capacity, and at intervals for changes by hand. */
export function startDrainingQueues(
  deps: QueueDeps & { panelId: string; timeScale: number; wakeReconciler: () => void; log: Logger },
): Loop {
  const { prisma, panelId, timeScale, wakeReconciler, log } = deps

  async function tick(): Promise<number> {
    await removeExpiredReservations(prisma)
    const regions = await regionsWithQueue(prisma, panelId)
    if (regions.length === 0) return 0
    await removeSettled(prisma)
    for (const region of regions) await drainQueue(deps, region)
    wakeReconciler()
    return 0
  }

  return startLoop({
    tick,
    idleMs: sweepMs * timeScale,
    onError: (error) =>
      log.warn({ err: error, panel: panelId }, 'Draining the provisioning queue failed; retrying'),
  })
}

export type Waiting =
  /** Nothing was sent; it may succeed later without intervention. */
  | ({ outcome: 'waiting' } & Wait)
  /** Nothing was sent, and nothing will be until a person changes something. */
  | ({ outcome: 'failed' } & Wait)

/** Queues the server in its region, unless it has been queued for too long. */
export async function enqueue(
  { prisma, deadlineMs }: { prisma: PrismaClient; deadlineMs: number },
  { order_id: orderId, region }: OrderState,
  wait: Wait,
): Promise<Waiting> {
  const isOverdue = await addToQueue(prisma, { orderId, region, deadlineMs })
  if (!isOverdue) return { outcome: 'waiting', ...wait }
  await dequeue(prisma, [orderId])
  const message = `${wait.message} It was queued for too long: add capacity or refund it, then provision the order again.`
  return { outcome: 'failed', class: 'no_capacity_deadline', message }
}
