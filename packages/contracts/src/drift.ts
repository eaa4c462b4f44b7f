import { z } from 'zod'

export const driftKinds = ['orphan', 'left_over', 'ghost', 'changed'] as const
export const driftStates = ['open', 'repairing', 'ignored', 'over'] as const

/** The whole state of one thing in which the panel and the orders do not agree. */
export const driftSchema = z.object({
  drift_id: z.uuid(),
  version: z.number().int().positive(),
  /**
   * `orphan`: a server of ours without an order. `left_over`: a server whose order is over. `ghost`: an order whose server is gone.
   * `changed`: a server that somebody changed by hand.
   */
  kind: z.enum(driftKinds),
  /** `repairing` until a sweep no longer finds it: then it is `over`. */
  state: z.enum(driftStates),
  order_id: z.string().max(191).nullable(),
  ptero_server_id: z.number().int().nullable(),
  /** What was found, in a sentence. */
  finding: z.string(),
  /** What its repair would do, in a sentence. */
  repair: z.string(),
  /** Which of the seller's panels it is about; `main` when left out. */
  panel: z.string().max(32).optional(),
})
export type Drift = z.infer<typeof driftSchema>
