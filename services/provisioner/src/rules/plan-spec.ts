import { z } from '@hono/zod-openapi'
import type { Need } from './reservations.ts'

/** The largest INT of MySQL, and so of a panel. */
const most = 2_147_483_647

const extraPort = z.strictObject({
  /** The egg variable that receives its number. */
  variable: z.string().regex(/^[A-Z][A-Z0-9_]{0,190}$/, 'the name of an egg variable'),
  /** How far it is from the port that players connect to; any other port of the same ip when left out. */
  offset: z.number().int().min(-1_000).max(1_000).optional(),
})

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
    /** Egg variables; they override the egg's defaults. */
    environment: z.record(z.string(), z.string()).default({}),
    /** The egg's own when left out. */
    docker_image: z.string().max(191).nullable().default(null),
    startup: z.string().nullable().default(null),
    /** Ports beside the one that players connect to. */
    ports: z
      .array(extraPort)
      .max(20)
      .refine(areApart, 'each variable and each offset once, and not 0')
      .default([]),
  })
  .openapi('PlanSpec')

export type PlanSpec = z.output<typeof planSpecSchema>

/** What its servers need of a node. */
export function needOf({ limits, ports }: PlanSpec): Need {
  const { memory, disk, cpu } = limits
  return { size: { memory, disk, cpu }, extras: ports }
}

export type PlanSpecRow = {
  pteroEggId: number
  limits: string
  featureLimits: string
  environment: string
  dockerImage: string | null
  startup: string | null
  ports: string | null
}

export function planSpecOf(row: PlanSpecRow): PlanSpec {
  return planSpecSchema.parse({
    ptero_egg_id: row.pteroEggId,
    limits: JSON.parse(row.limits),
    feature_limits: JSON.parse(row.featureLimits),
    environment: JSON.parse(row.environment),
    docker_image: row.dockerImage,
    startup: row.startup,
    ports: JSON.parse(row.ports ?? '[]'),
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
    ports: JSON.stringify(spec.ports),
  }
}

function areApart(ports: z.output<typeof extraPort>[]): boolean {
  const variables = new Set(ports.map(({ variable }) => variable))
  const offsets = ports.flatMap(({ offset }) => offset ?? [])
  return variables.size === ports.length && new Set([0, ...offsets]).size === offsets.length + 1
}
