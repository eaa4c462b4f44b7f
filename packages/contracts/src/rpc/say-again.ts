import { z } from 'zod'

const ids = z.array(z.string().min(1).max(191)).max(50)
const request = z.object({
  /** Asking again under the same one says nothing twice. */
  request_id: z.string().min(1).max(191),
  ids,
})
const reply = z.object({
  /** How many of them there are, and were said. */
  said: z.number().int().nonnegative(),
})

/** Asked of the billing gateway by NATS request/reply: says the newest state of payments and subscriptions again, as new events. */
export const sayMoneyAgain = { subject: 'rpc.billing-gateway.say-again', request, reply } as const

/** Asked of the provisioner by NATS request/reply: says the newest state of the servers of these orders again, as new events. */
export const sayServersAgain = { subject: 'rpc.provisioner.say-again', request, reply } as const

/** Asked of the provisioner by NATS request/reply: looks at the panel for these orders' servers now, with a fresh count of attempts. */
export const lookAgain = {
  subject: 'rpc.provisioner.look-again',
  request: z.object({ ids }),
  reply: z.object({ due: z.number().int().nonnegative() }),
} as const

export type SayAgain = z.infer<typeof request>
