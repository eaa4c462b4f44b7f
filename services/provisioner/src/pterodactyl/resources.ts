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

/** More pages than any panel has; a larger number would keep us requesting forever. */
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

export const userAttributes = z.object({
  id: z.number().int(),
  uuid: z.string(),
  external_id: z.string().nullable(),
  username: z.string(),
  email: z.string(),
  root_admin: z.coerce.boolean(),
})
export const panelUser = resource(userAttributes)

export const serverAttributes = z.object({
  id: z.number().int(),
  external_id: z.string().nullable(),
  uuid: z.string(),
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  status: z.string().nullable(),
  limits: z.object({
    memory: z.number(),
    swap: z.number(),
    disk: z.number(),
    io: z.number(),
    cpu: z.number(),
    threads: z.string().nullable(),
    oom_disabled: z.boolean(),
  }),
  user: z.number().int(),
  node: z.number().int(),
  // Pelican has servers without one, which is 0 here: no port has that id.
  allocation: z
    .number()
    .int()
    .nullable()
    .transform((id) => id ?? 0),
  egg: z.number().int(),
  container: z.object({
    startup_command: z.string(),
    image: z.string(),
    environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  }),
  updated_at: z.string().optional(),
  relationships: z
    .object({
      allocations: list(resource(allocation)),
      // Without attributes where the key may not read nodes.
      node: resource(z.object({ fqdn: z.string() }))
        .optional()
        .catch(undefined),
      user: panelUser.optional().catch(undefined),
    })
    .partial()
    .optional(),
})
export const panelServer = resource(serverAttributes)

export const nodeAttributes = z.object({
  id: z.number().int(),
  name: z.string(),
  fqdn: z.string().optional(),
  maintenance_mode: z.boolean(),
  memory: z.number(),
  memory_overallocate: z.number(),
  disk: z.number(),
  disk_overallocate: z.number(),
  allocated_resources: z.object({ memory: z.coerce.number(), disk: z.coerce.number() }),
  relationships: z
    .object({ servers: list(resource(z.object({ limits: z.object({ cpu: z.number() }) }))) })
    .partial()
    .optional(),
})
export const panelNode = resource(nodeAttributes)

export const nestWithEggs = z.object({
  id: z.number().int(),
  relationships: z.object({ eggs: list(resource(z.object({ id: z.number().int() }))) }),
})

// An egg that copies from another one has no text of its own there.
const textOrNone = z
  .string()
  .nullish()
  .transform((text) => text ?? '')

export const panelEgg = resource(
  z.object({
    id: z.number().int(),
    docker_image: z
      .string()
      .nullish()
      .transform((image) => image ?? null),
    docker_images: z.record(z.string(), z.string()).catch({}),
    startup: textOrNone,
    relationships: z.object({
      variables: list(
        resource(
          z.object({
            name: z.string(),
            env_variable: z.string(),
            default_value: z.string().nullable(),
            user_editable: z.coerce.boolean(),
            // Pelican's are a list.
            rules: z.union([z.array(z.string()), textOrNone]),
          }),
        ),
      ),
    }),
  }),
)
