import { z } from '@hono/zod-openapi'

const resource = <T extends z.ZodType>(attributes: T) =>
  z
    .object({ attributes: z.unknown() })
    .transform((body) => body.attributes)
    .pipe(attributes)

const list = <T extends z.ZodType>(item: T) =>
  z
    .object({ data: z.unknown() })
    .transform((body) => body.data)
    .pipe(z.array(item))

/** More pages than any panel has; whoever names more would have us ask for ever. */
const mostPages = 1_000

/** One page. The panel's own links to the next page drop the query string: pages are counted here. */
export const page = <T extends z.ZodType>(item: T) =>
  z
    .object({
      data: z.array(resource(item)),
      meta: z.object({ pagination: z.object({ total_pages: z.number().max(mostPages) }) }),
    })
    .transform(({ data, meta }) => ({ items: data, pages: meta.pagination.total_pages }))

export const allocation = z.object({
  id: z.number().int(),
  ip: z.string(),
  alias: z.string().nullable(),
  port: z.number().int(),
})

export const panelServer = resource(
  z.object({
    id: z.number().int(),
    external_id: z.string().nullable(),
    uuid: z.string(),
    identifier: z.string(),
    status: z.string().nullable(),
    user: z.number().int(),
    node: z.number().int(),
    allocation: z.number().int(),
    relationships: z
      .object({ allocations: list(resource(allocation)) })
      .partial()
      .optional(),
  }),
)
export type PanelServer = z.output<typeof panelServer>

export const userAttributes = z.object({
  id: z.number().int(),
  external_id: z.string().nullable(),
  email: z.string(),
})
export const panelUser = resource(userAttributes)

export const nodeAttributes = z.object({
  id: z.number().int(),
  maintenance_mode: z.boolean(),
  memory: z.number(),
  memory_overallocate: z.number(),
  disk: z.number(),
  disk_overallocate: z.number(),
  allocated_resources: z.object({ memory: z.coerce.number(), disk: z.coerce.number() }),
})
export type PanelNode = z.output<typeof nodeAttributes>

export const nestWithEggs = z.object({
  id: z.number().int(),
  relationships: z.object({ eggs: list(resource(z.object({ id: z.number().int() }))) }),
})

export const panelEgg = resource(
  z.object({
    id: z.number().int(),
    docker_image: z.string().nullable(),
    docker_images: z.record(z.string(), z.string()).catch({}),
    startup: z.string(),
    relationships: z.object({
      variables: list(resource(z.object({ env_variable: z.string(), default_value: z.string().nullable() }))),
    }),
  }),
)
export type PanelEgg = z.output<typeof panelEgg>

/** As long as an address may be for those who hear of it. */
const longestAddress = 191

/** What players connect to. */
export function addressOf(server: PanelServer): string | null {
  const own = server.relationships?.allocations?.find(({ id }) => id === server.allocation)
  if (!own) return null
  const named = `${own.alias ?? own.ip}:${own.port}`
  return named.length <= longestAddress ? named : `${own.ip}:${own.port}`
}
