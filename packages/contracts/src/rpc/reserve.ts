import { z } from 'zod'

/**
 * Asked of the provisioner by NATS request/reply, before anybody pays: holds a place for the order until then. Asking again
 * holds the same place for longer. Refused with why there is no place (`no_capacity`, `unpaid_capacity_reached`,
 * `plan_without_spec`, `region_without_nodes`, `nodes_missing`), or with `panel_away`.
 */
export const reserve = {
  subject: 'rpc.provisioner.reserve',
  request: z.object({
    order_id: z.string().min(1).max(191),
    /** Of the order that asks: news of an older one no longer ends what is held. */
    order_version: z.number().int().positive(),
    plan: z.string().min(1).max(191),
    region: z.string().min(1).max(191),
    until: z.iso.datetime(),
  }),
  reply: z.object({ order_id: z.string() }),
} as const

export type Reserve = z.infer<typeof reserve.request>
