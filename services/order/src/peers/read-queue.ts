import { provisioningQueue, type QueuedOrder } from '@spawnpoint/contracts'
import { ask, type Nats, RequestRefused } from '@spawnpoint/messaging'

/** Somebody waits for the order, not for its place in a queue. */
const patienceMs = 500

/** The place of a paid order in the provisioner's queue; null where it has none, or the provisioner does not answer. */
export async function readQueue(
  { nats }: { nats: Nats },
  orderId: string,
): Promise<Omit<QueuedOrder, 'order_id'> | null> {
  try {
    const request = { order_ids: [orderId] }
    const { orders } = await ask({ nats, contract: provisioningQueue, request, timeoutMs: patienceMs })
    const [queued] = orders.map(({ order_id: _, ...queue }) => queue)
    return queued ?? null
  } catch (error) {
    if (error instanceof RequestRefused) return null
    throw error
  }
}
