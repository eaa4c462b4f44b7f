import { z } from '@hono/zod-openapi'

const days = z.number().nonnegative().max(3_650)

/** What a seller wants to become of a plan's servers when something is wrong with their money, or with the servers. */
export const policySchema = z
  .strictObject({
    /** From the end of the paid period until its server is suspended. */
    grace_days: days.default(3),
    /** From there until it is deleted: `leastNoticeDays` or more. */
    retention_days: days.default(7),
    /** How long before either its customer is warned; before a deletion at least `leastNoticeDays`. */
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

/** Whatever a policy says, a suspended server is kept, and its deletion announced, for this long: its customer has to be able to read it. */
export const leastNoticeDays = 1

type Refused = { code: 'retention_too_short' | 'region_unknown' | 'region_twice'; why: string }

/** Why a seller cannot have this policy, and what to send instead; null where nothing is wrong with it. */
export function refusePolicy(policy: Policy, regions: ReadonlySet<string>): Refused | null {
  const { retention_days: retention, when_impossible: others } = policy
  if (retention < leastNoticeDays)
    return {
      code: 'retention_too_short',
      why: `retention_days is ${retention}, and the plan was not changed: nothing is deleted before its customer was warned and had ${leastNoticeDays} day to pay. Send retention_days of ${leastNoticeDays} or more, or leave it out for ${defaultPolicy.retention_days}.`,
    }
  if (!Array.isArray(others)) return null
  const unknown = others.find((region) => !regions.has(region))
  if (unknown !== undefined)
    return {
      code: 'region_unknown',
      why: `when_impossible names the region ${JSON.stringify(unknown)}, which does not exist, and the plan was not changed. The regions are: ${inWords(regions)}. Send one of these, or create it first with PUT /admin/regions/${unknown}.`,
    }
  const twice = others.find((region, index) => others.indexOf(region) !== index)
  if (twice === undefined) return null
  return {
    code: 'region_twice',
    why: `when_impossible names the region ${JSON.stringify(twice)} twice, and the plan was not changed: each is tried once. Send it once.`,
  }
}

function inWords(regions: ReadonlySet<string>): string {
  return regions.size === 0 ? 'none yet' : [...regions].sort().join(', ')
}

export function inMs(days: number): number {
  return days * dayMs
}
