import type { OrderState } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import type { Size } from '../rules/capacity.ts'
import { type Need, type Placement, placementOf, type Reservation } from '../rules/reservations.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import type { PlacementInputs } from '../store/placement-inputs.ts'
import { removeReservation, reservationState, reservationsOf } from '../store/reservations.ts'
import { drainQueue, type QueueDeps } from './provisioning-queue.ts'
import { reserveInRegion } from './reserve-in-region.ts'

/** The order's existing reservation; else a new one, after those queued before it in its region. */
export async function choosePlacement(
  deps: QueueDeps,
  {
    order,
    need,
    hasReservation,
    hasQueue,
  }: { order: OrderState; need: Need } & Pick<PlacementInputs, 'hasReservation' | 'hasQueue'>,
): Promise<Placement | { wait: Wait }> {
  const { order_id: orderId, version: orderVersion, region } = order
  const existing = hasReservation ? await existingPlacement(deps.prisma, order, need) : null
  if (existing) return existing
  const isQueued = hasQueue && (await drainQueue(deps, region))
  // It may be queued itself.
  const reserved = isQueued ? placementOf(await reservationsOf(deps.prisma, orderId)) : null
  if (reserved) return reserved
  return await reserveInRegion(deps, { holder: { orderId, orderVersion, reservedUntil: null }, region, need })
}

async function existingPlacement(
  prisma: PrismaClient,
  order: OrderState,
  need: Need,
): Promise<Placement | null> {
  const reservations = await reservationsOf(prisma, order.order_id)
  const [first] = reservations
  if (!first) return null
  if (await isGood(prisma, { order, need, first, count: reservations.length }))
    return placementOf(reservations)
  await removeReservation(prisma, order.order_id)
  return null
}

type Held = { order: OrderState; need: Need; first: Reservation; count: number }

async function isGood(prisma: PrismaClient, { order, need, first, count }: Held): Promise<boolean> {
  // Its server was on the panel, and is gone.
  if (first.on_panel_at !== null) return false
  const { isOffered, mayStillLand } = await reservationState(prisma, order, first)
  // While a create is in doubt its reservation stays, whatever the plan and the region have become.
  return mayStillLand || (isOffered && isSameSize(first, need.size) && count === need.extras.length + 1)
}

function isSameSize(a: Size, b: Size): boolean {
  return a.memory === b.memory && a.disk === b.disk && a.cpu === b.cpu
}
