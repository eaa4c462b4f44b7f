import { z } from 'zod'

/**
 * Asked of the provisioner by NATS request/reply: is the order's server in this region by now? Pterodactyl's API
 * transfers no server, so an order only follows what was done on the panel. Refused with `panel_away` while nobody can say.
 */
export const checkRegion = {
  subject: 'rpc.provisioner.check-region',
  request: z.object({ order_id: z.string().min(1).max(191), region: z.string().min(1).max(191) }),
  reply: z.object({
    /** Why not: a stable class (`transfer_on_panel`, `server_unknown` …) and a sentence that says what to do; null where it is there. */
    problem: z.object({ class: z.string(), message: z.string() }).nullable(),
  }),
} as const
