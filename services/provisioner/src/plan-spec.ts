import { z } from '@hono/zod-openapi'

/** The largest INT of MySQL, and so of a panel. */
const most = 2_147_483_647

/** What a plan means on the panel. Sizes in MiB, cpu in percent of a core, as the panel takes them. */
export const planSpecSchema = z
  .strictObject({
    ptero_egg_id: z.number().int().positive().max(most),
    limits: z.strictObject({
      memory: z.number().int().min(0).max(most),
      swap: z.number().int().min(-1).max(most).default(0),
      disk: z.number().int().min(0).max(most),
      io: z.number().int().min(10).max(1000).default(500),
      cpu: z.number().int().min(0).max(most).default(0),
    }),
    feature_limits: z
      .strictObject({
        databases: z.number().int().min(0).max(most).default(0),
        backups: z.number().int().min(0).max(most).default(0),
        allocations: z.number().int().min(0).max(most).default(0),
      })
      .default({ databases: 0, backups: 0, allocations: 0 }),
    /** Egg variables; they win over the egg's defaults. */
    environment: z.record(z.string(), z.string()).default({}),
    /** The egg's own when left out. */
    docker_image: z.string().max(191).nullable().default(null),
    startup: z.string().nullable().default(null),
  })
  .openapi('PlanSpec')

export type PlanSpec = z.output<typeof planSpecSchema>

type PlanSpecRow = {
  pteroEggId: number
  limits: string
  featureLimits: string
  environment: string
  dockerImage: string | null
  startup: string | null
}

export function planSpecOf(row: PlanSpecRow): PlanSpec {
  return planSpecSchema.parse({
    ptero_egg_id: row.pteroEggId,
    limits: JSON.parse(row.limits),
    feature_limits: JSON.parse(row.featureLimits),
    environment: JSON.parse(row.environment),
    docker_image: row.dockerImage,
    startup: row.startup,
  })
}

export function planSpecRow(spec: PlanSpec): PlanSpecRow {
  return {
    pteroEggId: spec.ptero_egg_id,
    limits: JSON.stringify(spec.limits),
    featureLimits: JSON.stringify(spec.feature_limits),
    environment: JSON.stringify(spec.environment),
    dockerImage: spec.docker_image,
    startup: spec.startup,
  }
}
