import type { Allocation, Egg, EggVariable, Location, Nest, Node, Server, User } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'

/** The attributes of each kind of row, key by key in the panel's order. */
export function userAttributes(user: User) {
  return {
    id: user.id,
    external_id: user.external_id,
    uuid: user.uuid,
    username: user.username,
    email: user.email,
    first_name: user.first_name,
    last_name: user.last_name,
    language: user.language,
    root_admin: user.root_admin,
    '2fa': false,
    created_at: iso(user.created_at),
    updated_at: iso(user.updated_at),
  }
}

export function locationAttributes(location: Location) {
  return {
    id: location.id,
    short: location.short,
    long: location.long,
    updated_at: iso(location.updated_at),
    created_at: iso(location.created_at),
  }
}

export function nodeAttributes(tables: Tables, node: Node, extra: object = {}) {
  return {
    id: node.id,
    uuid: node.uuid,
    public: node.public,
    name: node.name,
    description: node.description,
    location_id: node.location_id,
    fqdn: node.fqdn,
    scheme: node.scheme,
    behind_proxy: node.behind_proxy,
    maintenance_mode: node.maintenance_mode,
    memory: node.memory,
    memory_overallocate: node.memory_overallocate,
    disk: node.disk,
    disk_overallocate: node.disk_overallocate,
    upload_size: node.upload_size,
    daemon_listen: node.daemon_listen,
    daemon_sftp: node.daemon_sftp,
    daemon_base: node.daemon_base,
    created_at: iso(node.created_at),
    updated_at: iso(node.updated_at),
    ...extra,
    allocated_resources: allocatedResources(tables, node),
  }
}

export function allocationAttributes(allocation: Allocation) {
  return {
    id: allocation.id,
    ip: allocation.ip,
    alias: allocation.ip_alias,
    port: allocation.port,
    notes: allocation.notes,
    assigned: allocation.server_id !== null,
  }
}

export function nestAttributes(nest: Nest) {
  return {
    id: nest.id,
    uuid: nest.uuid,
    author: nest.author,
    name: nest.name,
    description: nest.description,
    created_at: iso(nest.created_at),
    updated_at: iso(nest.updated_at),
  }
}

export function eggAttributes(egg: Egg) {
  return {
    id: egg.id,
    uuid: egg.uuid,
    name: egg.name,
    nest: egg.nest_id,
    author: egg.author,
    description: egg.description,
    docker_image: egg.docker_image ?? Object.values(egg.docker_images)[0] ?? '',
    // PHP's empty array is a list.
    docker_images: Object.keys(egg.docker_images).length === 0 ? [] : egg.docker_images,
    config: egg.config,
    startup: egg.startup,
    script: egg.script,
    created_at: iso(egg.created_at),
    updated_at: iso(egg.updated_at),
  }
}

export function variableAttributes(egg: Egg, variable: EggVariable) {
  return {
    id: variable.id,
    egg_id: egg.id,
    name: variable.name,
    description: variable.description,
    env_variable: variable.env_variable,
    default_value: variable.default_value,
    user_viewable: variable.user_viewable,
    user_editable: variable.user_editable,
    rules: variable.rules,
    created_at: new Date(variable.created_at).toISOString().replace('Z', '000Z'),
    updated_at: new Date(variable.updated_at).toISOString().replace('Z', '000Z'),
  }
}

export function serverAttributes(tables: Tables, server: Server) {
  return {
    id: server.id,
    external_id: server.external_id,
    uuid: server.uuid,
    identifier: server.uuid.slice(0, 8),
    name: server.name,
    description: server.description,
    status: server.status,
    suspended: server.status === 'suspended',
    limits: {
      memory: server.memory,
      swap: server.swap,
      disk: server.disk,
      io: server.io,
      cpu: server.cpu,
      threads: server.threads,
      oom_disabled: server.oom_disabled,
    },
    feature_limits: {
      databases: server.database_limit,
      allocations: server.allocation_limit,
      backups: server.backup_limit,
    },
    user: server.owner_id,
    node: server.node_id,
    allocation: server.allocation_id,
    nest: server.nest_id,
    egg: server.egg_id,
    container: {
      startup_command: server.startup,
      image: server.image,
      installed: server.status === 'installing' || server.status === 'install_failed' ? 0 : 1,
      environment: environmentOf(tables, server),
    },
    updated_at: iso(server.updated_at),
    created_at: iso(server.created_at),
  }
}

export function environmentOf(tables: Tables, server: Server): Record<string, string | number | null> {
  const egg = tables.eggs.get(server.egg_id)
  const node = tables.nodes.get(server.node_id)
  return {
    ...Object.fromEntries(
      egg.variables.map((variable) => [variable.env_variable, serverValue(server, variable)]),
    ),
    STARTUP: server.startup,
    P_SERVER_LOCATION: tables.locations.get(node.location_id).short,
    P_SERVER_UUID: server.uuid,
    P_SERVER_ALLOCATION_LIMIT: server.allocation_limit,
  }
}

export function serverValue(server: Server, variable: EggVariable): string {
  return server.variables.get(variable.id) ?? variable.default_value
}

function allocatedResources(tables: Tables, node: Node) {
  return usageByNode(tables).get(node.id) ?? { memory: 0, disk: 0 }
}

/** What the servers of each node were promised. */
export function usageByNode({ servers }: Tables): Map<number, { memory: number; disk: number }> {
  const usage = new Map<number, { memory: number; disk: number }>()
  servers.each(({ node_id, memory, disk }) => {
    const sum = usage.get(node_id) ?? { memory: 0, disk: 0 }
    sum.memory += memory
    sum.disk += disk
    usage.set(node_id, sum)
  })
  return usage
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '+00:00')
}
