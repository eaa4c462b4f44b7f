import { z } from 'zod'

export const serverStatuses = [
  'waiting',
  'provisioning',
  'provisioned',
  'failed',
  'suspended',
  'terminated',
] as const

/** The whole state of one server, as the provisioner knows it. */
export const serverSchema = z.object({
  order_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  /** The version of the order that this state answers. */
  order_version: z.number().int().nonnegative(),
  status: z.enum(serverStatuses),
  /** The panel's numeric id and its short identifier; null while there is none. */
  ptero_server_id: z.number().int().nullable(),
  ptero_identifier: z.string().nullable(),
  /** `host:port` that players connect to. */
  address: z.string().nullable(),
  node_id: z.number().int().nullable(),
  /** Why it waits or failed: a stable class and a sentence a person can act on. */
  error_class: z.string().nullable(),
  error_message: z.string().nullable(),
  /** The plan that it was last made to fit. Not in events of before this field was added. */
  plan: z.string().max(191).nullable().optional(),
  /** Which of the seller's panels it is on, or is looked for; `main` when left out. */
  panel: z.string().max(32).optional(),
  /** The region that it is in since it was moved on the panel to a node of another one than its order's. */
  region: z.string().min(1).max(191).optional(),
})
export type ServerState = z.infer<typeof serverSchema>
