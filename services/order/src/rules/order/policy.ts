import { z } from '@hono/zod-openapi'

const days = z.number().nonnegative().max(3_650)

/** What a seller wants to become of a plan's servers when something is wrong with their money, or with the servers. */
export const policySchema = z
  .strictObject({
    /** From the end of the paid period until its server is suspended. */
    grace_days: days.default(3),
    /** From there until it is deleted. */
    retention_days: days.default(7),
    /** How long before either its customer is warned. */
    warn_days: days.default(1),
    /** Once all its money went back: it is suspended and deleted after the retention, only suspended, or runs on. */
    full_refund: z.enum(['end', 'suspend', 'keep']).default('end'),
    /** What its subscription does once that happened under `end` or `suspend`: it is cancelled at Stripe, or charges again. */
    refunded_subscription: z.enum(['cancel', 'keep']).default('cancel'),
    /** A renewal that is charged less than the plan costs: it is reported, or its server is also suspended after the grace. */
    underpaid: z.enum(['alert', 'suspend']).default('alert'),
    /** Whether a trial brings a server, or is held until a person accepts it. */
    trial: z.enum(['allow', 'hold']).default('allow'),
    /** While a bank has the money back its server is suspended, and once that is for good deleted after the retention; or it runs on. */
    dispute: z.enum(['suspend', 'keep']).default('suspend'),
    /** When its server cannot be made: a person decides, it is paid back, or it goes to another of these regions. */
    when_impossible: z
      .union([z.enum(['hold', 'refund']), z.array(z.string().min(1).max(64)).min(1).max(20)])
      .default('hold'),
  })
  .openapi('Policy')

export type Policy = z.infer<typeof policySchema>

export const defaultPolicy: Policy = policySchema.parse({})

const dayMs = 86_400_000

export function inMs(days: number): number {
  return days * dayMs
}
