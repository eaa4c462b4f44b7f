import { z } from 'zod'
import type { PanelContext } from './panel-context.ts'
import type { PanelSetup } from './panel-setup.ts'
import type { Allocation, Node, Server, User } from './tables/rows.ts'
import { fill } from './tables/tables.ts'
import { endTransfer, startTransfer } from './transfers.ts'

type Edit<Row> = Pick<Row & { id: number }, 'id'> & Partial<Row>

/** What an administrator does by hand in the panel's own pages. Wings is not notified. */
export type PanelChange = {
  add?: Partial<PanelSetup>
  nodes?: Edit<Node>[]
  allocations?: Edit<Allocation>[]
  servers?: Edit<Server>[]
  users?: Edit<User>[]
  /** The form of the page of a server: it is moved once `endTransfers` says that its nodes are done. */
  transfers?: { server: number; node: number; allocation: number; additional?: number[] | undefined }[]
  endTransfers?: { server: number; successful: boolean }[]
  delete?: Partial<Record<'servers' | 'allocations' | 'users' | 'nodes' | 'eggs', number[]>>
}

export function changePanel({ tables, now }: PanelContext, change: PanelChange): void {
  const { add = {} } = change
  fill(tables, { ...nothing, ...add })
  for (const { id, ...edit } of change.nodes ?? []) {
    Object.assign(tables.nodes.get(id), edit, { updated_at: now() })
  }
  for (const { id, ...edit } of change.allocations ?? []) Object.assign(tables.allocations.get(id), edit)
  for (const { id, ...edit } of change.servers ?? []) {
    Object.assign(tables.servers.get(id), edit, { updated_at: now() })
  }
  for (const { id, ...edit } of change.users ?? []) {
    Object.assign(tables.users.get(id), edit, { updated_at: now() })
  }
  for (const transfer of change.transfers ?? []) startTransfer(tables, transfer)
  for (const end of change.endTransfers ?? []) endTransfer(tables, end, now())
  for (const id of change.delete?.servers ?? []) tables.deleteServer(id)
  for (const id of change.delete?.allocations ?? []) tables.allocations.delete(id)
  for (const name of ['users', 'nodes', 'eggs'] as const)
    for (const id of change.delete?.[name] ?? []) tables[name].delete(id)
}

const nothing: PanelSetup = { users: [], locations: [], nodes: [], allocations: [], nests: [], eggs: [] }

/** Over HTTP: `add` takes rows as `demoPanel()` has them, the others the columns that an administrator can edit. */
export function readPanelChange(body: unknown): PanelChange {
  return panelChange.parse(body) as PanelChange
}

const id = z.number().int()
const text = z.string()

const node = z.strictObject({
  id,
  location_id: id,
  name: text,
  memory: z.number(),
  disk: z.number(),
  ...optional({
    public: z.boolean(),
    description: text.nullable(),
    fqdn: text,
    scheme: z.enum(['http', 'https']),
    maintenance_mode: z.boolean(),
    memory_overallocate: z.number(),
    disk_overallocate: z.number(),
  }),
})
const allocation = z.strictObject({
  id,
  node_id: id,
  ip: text,
  port: z.number().int(),
  ...optional({ ip_alias: text.nullable(), notes: text.nullable(), server_id: id.nullable() }),
})
const server = z.strictObject({
  id,
  ...optional({
    external_id: text.nullable(),
    name: text,
    description: text,
    status: z
      .enum(['installing', 'install_failed', 'reinstall_failed', 'restoring_backup', 'suspended'])
      .nullable(),
    owner_id: id,
    allocation_id: id,
    memory: z.number(),
    swap: z.number(),
    disk: z.number(),
    io: z.number(),
    cpu: z.number(),
    transferring: z.boolean(),
  }),
})
const user = z.strictObject({
  id,
  username: text,
  email: text,
  first_name: text,
  last_name: text,
  ...optional({ external_id: text.nullable(), root_admin: z.boolean() }),
})
const egg = z.strictObject({
  id,
  nest_id: id,
  name: text,
  docker_images: z.record(text, text),
  docker_image: text.optional(),
  startup: text,
  variables: z
    .array(
      z.strictObject({
        id,
        name: text,
        env_variable: text,
        rules: text,
        ...optional({
          description: text,
          default_value: text,
          user_viewable: z.boolean(),
          user_editable: z.boolean(),
        }),
      }),
    )
    .optional(),
})

const panelChange = z.strictObject(
  optional({
    add: z.strictObject(
      optional({
        users: z.array(user),
        locations: z.array(z.strictObject({ id, short: text, long: text.nullable() })),
        nodes: z.array(node),
        allocations: z.array(allocation),
        nests: z.array(z.strictObject({ id, name: text, description: text.optional() })),
        eggs: z.array(egg),
      }),
    ),
    nodes: z.array(node.partial().required({ id: true })),
    allocations: z.array(allocation.partial().required({ id: true })),
    servers: z.array(server),
    users: z.array(user.partial().required({ id: true })),
    transfers: z.array(
      z.strictObject({ server: id, node: id, allocation: id, ...optional({ additional: z.array(id) }) }),
    ),
    endTransfers: z.array(z.strictObject({ server: id, successful: z.boolean() })),
    delete: z.strictObject(
      optional({
        servers: z.array(id),
        allocations: z.array(id),
        users: z.array(id),
        nodes: z.array(id),
        eggs: z.array(id),
      }),
    ),
  }),
)

function optional<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  return z.object(shape).partial().shape
}
