import { z } from 'zod'
import { paymentSchema } from '../payment.ts'
import { serverSchema } from '../server.ts'
import { subscriptionSchema } from '../subscription.ts'

const cursor = z.string().max(191)

/**
 * Asked of the billing gateway by NATS request/reply: the payments and subscriptions it knows, by id, a page at a time. What
 * changed in the last minute may still be on its way to others and is left out. Begin with `after` empty. With `only` these alone,
 * however new they are; with `since` those alone that changed since then.
 */
export const billingStatement = {
  subject: 'rpc.billing-gateway.statement',
  request: z.object({
    of: z.enum(['payments', 'subscriptions']),
    after: cursor,
    only: z.array(cursor.min(1)).min(1).max(50).optional(),
    since: z.iso.datetime().optional(),
  }),
  reply: z.object({
    payments: z.array(paymentSchema),
    subscriptions: z.array(subscriptionSchema),
    /** The `after` of the next page; null on the last one. */
    next: cursor.nullable(),
  }),
} as const

/** Asked of the provisioner by NATS request/reply: where the servers of these orders stand; those it knows nothing of are left out. */
export const serverStatement = {
  subject: 'rpc.provisioner.statement',
  request: z.object({ order_ids: z.array(z.string().min(1).max(191)).max(50) }),
  reply: z.object({
    servers: z.array(
      z.object({
        ...serverSchema.pick({
          order_id: true,
          order_version: true,
          error_class: true,
          error_message: true,
          ptero_server_id: true,
        }).shape,
        /** 0, and `none`, until anything was said of it. */
        version: z.number().int().nonnegative(),
        status: z.enum(['none', ...serverSchema.shape.status.options]),
        desired: z.string(),
        /** The last sweep of the panel found that it is not there. */
        is_gone: z.boolean(),
      }),
    ),
  }),
} as const
export type ServerStatement = z.infer<typeof serverStatement.reply>['servers'][number]
