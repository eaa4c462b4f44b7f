import { z } from 'zod'

const names = z.array(z.string().min(1).max(191)).max(1_000)

/** Asked of the provisioner by NATS request/reply: how many more servers of each plan each region takes now. */
export const availability = {
  subject: 'rpc.provisioner.availability',
  request: z.object({ plans: names, regions: names }),
  reply: z.object({
    places: z.array(
      z.object({
        plan: z.string(),
        region: z.string(),
        /** At most 1,000 are counted, each plan as if only it were sold. */
        more: z.number().int().nonnegative(),
        /** Why there is none: the classes that a reservation is refused with. */
        reason: z.string().nullable(),
      }),
    ),
  }),
} as const

export type Availability = z.infer<typeof availability.reply>['places'][number]
