import { z } from 'zod'

const ids = z.array(z.string().min(1).max(191)).max(50)
const request = z.object({
  /** A request that is repeated with the same id publishes nothing twice. */
  request_id: z.string().min(1).max(191),
  ids,
})
const reply = z.object({
  /** How many of them exist, and were published. */
  said: z.number().int().nonnegative(),
})

/** Asked of the billing gateway by NATS request/reply: publishes the newest state of payments and subscriptions as new events. */
export const republishBilling = {
  subject: 'rpc.billing-gateway.republish',
  formerly: 'rpc.billing-gateway.say-again',
  request,
  reply,
} as const

/** Asked of the provisioner by NATS request/reply: publishes the newest state of these orders' servers as new events. */
export const republishServers = {
  subject: 'rpc.provisioner.republish',
  formerly: 'rpc.provisioner.say-again',
  request,
  reply,
} as const

/** Asked of the provisioner by NATS request/reply: reads these orders' servers from the panel now, with a fresh count of attempts. */
export const recheckServers = {
  subject: 'rpc.provisioner.recheck',
  formerly: 'rpc.provisioner.look-again',
  request: z.object({ ids }),
  reply: z.object({ due: z.number().int().nonnegative() }),
} as const

export type RepublishRequest = z.infer<typeof request>
