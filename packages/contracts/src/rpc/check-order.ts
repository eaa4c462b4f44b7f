import { z } from 'zod'

const finding = z.object({
  /** Of the request: `plan`, `region`, `server_name` or `environment.NAME`; of the plan's spec: `plan.FIELD`. */
  path: z.string(),
  /** A sentence that the shop can act on. */
  message: z.string(),
})

/** Asked of the provisioner by NATS request/reply, before anybody pays: would the panel take it? Asking changes nothing. */
export const checkOrder = {
  subject: 'rpc.provisioner.check-order',
  request: z.object({
    plan: z.string().min(1).max(191),
    region: z.string().min(1).max(191),
    server_name: z.string().max(191),
    /** The order's own egg variables, by name. */
    environment: z.record(z.string(), z.string()),
  }),
  reply: z.object({
    /** Why it must not be sold; none when it may. */
    problems: z.array(finding),
    /** What could not be checked, or will not be as the shop may think. */
    warnings: z.array(finding),
  }),
} as const

export type CheckOrder = z.infer<typeof checkOrder.request>
export type CheckedOrder = z.infer<typeof checkOrder.reply>
