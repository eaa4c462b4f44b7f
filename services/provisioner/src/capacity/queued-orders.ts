import type { QueuedOrder } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { Panels } from '../panels/panels.ts'
import { expectedInMs } from '../rules/queue-estimate.ts'
import { type QueuePosition, queuePositions } from '../store/queue-positions.ts'

/** The position of paid orders whose servers are not created yet, and when they are expected to be. */
export function queuedOrders({ prisma, panels }: { prisma: PrismaClient; panels: Panels }) {
  return async ({ order_ids }: { order_ids: string[] }): Promise<{ orders: QueuedOrder[] }> => {
    const queued = await queuePositions(prisma, order_ids)
    return { orders: await Promise.all(queued.map((one) => withEstimate(panels, one))) }
  }
}

async function withEstimate(panels: Panels, { panel_id, ...queued }: QueuePosition): Promise<QueuedOrder> {
  if (queued.waits_for === 'capacity') return { ...queued, expected_at: null }
  try {
    const { panel } = await panels.get(panel_id)
    // A panel that is away says nothing about when it comes back.
    if (panel.lastFailure()) return { ...queued, expected_at: null }
    const inMs = expectedInMs(queued.position, panel.pace())
    return { ...queued, expected_at: new Date(Date.now() + inMs).toISOString() }
  } catch (error) {
    if (error instanceof PanelError) return { ...queued, expected_at: null }
    throw error
  }
}
