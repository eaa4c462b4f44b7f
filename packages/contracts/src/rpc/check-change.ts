import { z } from 'zod'

/**
 * Asked of the provisioner by NATS request/reply, before any money moves: could the order's server be made to fit this plan
 * where it stands? Asking holds nothing. Refused with `panel_away` while nobody can say.
 */
export const checkChange = {
  subject: 'rpc.provisioner.check-change',
  request: z.object({
    order_id: z.string().min(1).max(191),
    plan: z.string().min(1).max(191),
    /** Whether it is agreed that the server is reinstalled, where the plan is of another egg. */
    reinstall: z.boolean().optional(),
  }),
  reply: z.object({
    /** Why not: a stable class (`no_capacity`, `other_egg`, `reinstall_needed`, `plan_without_spec`, `server_unknown` …) and a sentence; null when it fits. */
    problem: z.object({ class: z.string(), message: z.string() }).nullable(),
    /** What may go wrong although it fits, in sentences for whoever asks for it. */
    warnings: z.array(z.string()).optional(),
  }),
} as const

export type CheckedChange = z.infer<typeof checkChange.reply>
