import { z } from '@hono/zod-openapi'
import { imageCharacters, imagePattern } from './egg-rules/egg-image.ts'
import { characterSets } from './egg-rules/generate-value.ts'
import type { Need } from './reservations.ts'

/** The largest INT of MySQL, and so of a panel. */
const most = 2_147_483_647

/** As the panel has it (`EggVariable::$validationRules`): `MAX_PLAYERS`, `bot_token`. */
const variableName = z.string().regex(/^\w{1,191}$/, 'the name of an egg variable: letters, digits and _')

const extraPort = z.strictObject({
  /** The egg variable that receives its number. */
  variable: variableName,
  /** How far it is from the port that players connect to; any other port of the same ip when left out. */
  offset: z.number().int().min(-1_000).max(1_000).optional(),
})

/** A value of its own for each server, kept for the server's life. What is left out is chosen so that the egg's rules accept it. */
const generated = z.strictObject({
  generate: z.literal('password'),
  length: z.number().int().min(8).max(128).optional(),
  characters: z.enum(characterSets).optional(),
})

/** What a plan means on the panel, as it is stored. Sizes in MiB, cpu in percent of a core, as the panel takes them. */
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
    /** Egg variables; they override the egg's defaults, and an order cannot set them. */
    environment: z.record(z.string(), z.union([z.string(), generated])).default({}),
    /** Egg variables that an order may set, although the egg does not let customers edit them or the plan has a value. */
    may_set: z.array(variableName).max(100).default([]),
    /** The egg's own when left out. */
    docker_image: z.string().max(191).nullable().default(null),
    startup: z.string().nullable().default(null),
    /** Ports beside the one that players connect to. */
    ports: z
      .array(extraPort)
      .max(20)
      .refine(areApart, 'each variable and each offset once, and not 0')
      .default([]),
    /** What a change to this plan does to a server of another egg: it is refused, or reinstalls the server where that is agreed. */
    egg_change: z.enum(['refuse', 'reinstall']).default('refuse'),
  })
  .openapi('PlanSpec')

export type PlanSpec = z.output<typeof planSpecSchema>

/** What is accepted from a seller: without what the panel would refuse of every server. */
export const newPlanSpecSchema = z.strictObject({
  ...planSpecSchema.shape,
  environment: z.record(variableName, z.union([z.string().max(10_000), generated])).default({}),
  docker_image: z
    .string()
    .trim()
    .min(1, 'empty: leave it out for the image of the egg')
    .max(191)
    .regex(imagePattern, `a docker image of ${imageCharacters}`)
    .nullable()
    .default(null),
  startup: z.string().regex(/\S/, 'empty: leave it out for the startup of the egg').nullable().default(null),
})

/** A spec whose generated values are known. */
export type SettledSpec = Omit<PlanSpec, 'environment'> & { environment: Record<string, string> }

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
  maySet: string | null
  eggChange: string | null
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
    may_set: JSON.parse(row.maySet ?? '[]'),
    egg_change: row.eggChange ?? 'refuse',
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
    maySet: JSON.stringify(spec.may_set),
    eggChange: spec.egg_change,
  }
}

function areApart(ports: z.output<typeof extraPort>[]): boolean {
  const variables = new Set(ports.map(({ variable }) => variable))
  const offsets = ports.flatMap(({ offset }) => offset ?? [])
  return variables.size === ports.length && new Set([0, ...offsets]).size === offsets.length + 1
}
