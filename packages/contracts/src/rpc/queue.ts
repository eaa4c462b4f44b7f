import { z } from 'zod'

/**
 * Asked of the provisioner by NATS request/reply: the position of paid orders whose servers are not created yet. Orders that are not
 * queued are left out.
 */
export const provisioningQueue = {
  subject: 'rpc.provisioner.queue',
  request: z.object({ order_ids: z.array(z.string().min(1).max(191)).max(50) }),
  reply: z.object({
    orders: z.array(
      z.object({
        order_id: z.string(),
        /** `panel`: it waits for calls of its panel, in the order of payment. `capacity`: for room in its region, first come, first served. */
        waits_for: z.enum(['panel', 'capacity']),
        /** 1 is next. */
        position: z.number().int().positive(),
        /** When its server is expected to be created, by the calls that the panel accepts; null where that cannot be said. */
        expected_at: z.iso.datetime().nullable(),
      }),
    ),
  }),
} as const

export type QueuedOrder = z.infer<typeof provisioningQueue.reply>['orders'][number]
