import { randomBytes, randomUUID } from 'node:crypto'
import type { PanelSetup, Seeds } from '../panel-setup.ts'
import { mustKnow } from '../validation/validate.ts'
import type { Allocation, Egg, Location, Nest, Node, Server, User } from './rows.ts'
import { createTable } from './table.ts'

export type Tables = ReturnType<typeof createTables>

/** The panel's database, in memory. */
export function createTables({ now }: { now: () => number }) {
  const tables = {
    users: createTable<User>(),
    locations: createTable<Location>(),
    nodes: createTable<Node>(),
    allocations: createTable<Allocation>(),
    nests: createTable<Nest>(),
    eggs: createTable<Egg>(),
    servers: createTable<Server>(),
  }
  const stamps = () => ({ created_at: now(), updated_at: now() })

  return {
    ...tables,
    stamps,

    addUser: (user: Seeds['user']) =>
      tables.users.insert({ ...userDefaults, ...stamps(), uuid: randomUUID(), ...user }),
    addLocation: (location: Seeds['location']) => tables.locations.insert({ ...stamps(), ...location }),
    addNode: (node: Seeds['node']) =>
      tables.nodes.insert({ ...nodeDefaults, ...stamps(), ...newDaemon(), ...node }),
    addAllocation: (allocation: Seeds['allocation']) =>
      tables.allocations.insert({ ...allocationDefaults, ...allocation }),
    addNest: (nest: Seeds['nest']) =>
      tables.nests.insert({ ...nestDefaults, ...stamps(), uuid: randomUUID(), ...nest }),
    addEgg({ variables = [], ...egg }: Seeds['egg']) {
      for (const { rules } of variables) mustKnow(rules)
      return tables.eggs.insert({
        ...eggDefaults,
        ...stamps(),
        uuid: randomUUID(),
        ...egg,
        variables: variables.map((variable) => ({ ...variableDefaults, ...stamps(), ...variable })),
      })
    },

    /** As ON DELETE SET NULL does: its allocations are free again. */
    deleteServer(id: number) {
      for (const allocation of tables.allocations.where((row) => row.server_id === id)) {
        allocation.server_id = null
      }
      return tables.servers.delete(id)
    },
  }
}

export function fill(tables: Tables, setup: PanelSetup) {
  for (const user of setup.users) tables.addUser(user)
  for (const location of setup.locations) tables.addLocation(location)
  for (const node of setup.nodes) tables.addNode(node)
  for (const allocation of setup.allocations) tables.addAllocation(allocation)
  for (const nest of setup.nests) tables.addNest(nest)
  for (const egg of setup.eggs) tables.addEgg(egg)
}

const userDefaults = { external_id: null, language: 'en', root_admin: false }
const allocationDefaults = { ip_alias: null, notes: null, server_id: null }
const nestDefaults = { author: 'support@pterodactyl.io', description: '' }
const variableDefaults = { description: '', default_value: '', user_viewable: true, user_editable: true }
const nodeDefaults = {
  public: true,
  description: null,
  fqdn: '127.0.0.1',
  scheme: 'http' as const,
  behind_proxy: false,
  maintenance_mode: false,
  memory_overallocate: 0,
  disk_overallocate: 0,
  upload_size: 100,
  daemon_listen: 8080,
  daemon_sftp: 2022,
  daemon_base: '/var/lib/pterodactyl/volumes',
}
const eggDefaults = {
  author: 'support@pterodactyl.io',
  description: '',
  config: {
    files: {},
    startup: { done: 'done' },
    stop: 'stop',
    logs: [],
    file_denylist: [],
    extends: null,
  },
  script: {
    privileged: true,
    install: '#!/bin/ash\n',
    entry: 'ash',
    container: 'ghcr.io/pterodactyl/installers:alpine',
    extends: null,
  },
}

function newDaemon() {
  return {
    uuid: randomUUID(),
    daemon_token_id: randomBytes(8).toString('hex'),
    daemon_token: randomBytes(32).toString('hex'),
  }
}
