import { type ApiKey, access, accountKey, applicationKey, type PanelSetup } from '../src/index.ts'
import { isObject } from './json.ts'
import { attributesIn, exchangeNamed } from './record.ts'

/** What the recorded panel held at first, taken from its own answers. */
export function recordedSetup(): PanelSetup {
  const { body: nests } = answerTo('list-nests-200')
  const { body: minecraft } = answerTo('nest-eggs-include-variables-200')
  const { body: rust } = answerTo('nest-eggs-no-include-200')
  const { body: nodes } = answerTo('nodes-deployable-200')
  const { body: locations } = answerTo('list-locations-200')
  const { body: users } = answerTo('filter-user-email-partial-200')
  const plain = {
    id: 3,
    username: 'plain',
    email: 'plain@example.test',
    first_name: 'Plain',
    last_name: 'User',
    root_admin: false,
  }
  return {
    users: [...rows<PanelSetup['users'][number]>(users, 'user'), plain],
    locations: rows(locations, 'location'),
    nodes: rows<PanelSetup['nodes'][number]>(nodes, 'node').slice(0, 1),
    allocations: [],
    nests: rows(nests, 'nest'),
    eggs: [...eggs(minecraft), ...eggs(rust)],
  }
}

/** The keys of the record, by the names that stand in its place. */
export function recordedKeys(): Record<string, ApiKey> {
  const [admin, limited, plain] = [1, 2, 3]
  const { read, write, both } = access
  return {
    full: applicationKey(admin, both),
    provisioner: applicationKey(admin, {
      servers: both,
      users: both,
      nodes: read,
      allocations: read,
      locations: read,
      nests: read,
      eggs: read,
    }),
    noalloc: applicationKey(admin, { servers: both, users: both, nodes: read }),
    noservers: applicationKey(admin, {
      users: both,
      nodes: both,
      allocations: both,
      nests: both,
      eggs: both,
    }),
    serversonly: applicationKey(admin, { servers: both }),
    readonly: applicationKey(admin, read),
    writeonly: applicationKey(admin, write),
    account: accountKey(admin),
    ipbound: { ...applicationKey(admin, both), allowedIps: ['192.0.2.200'] },
    limited: applicationKey(limited, both),
    load: applicationKey(limited, both),
    plain: applicationKey(plain, both),
  }
}

function eggs(body: unknown): PanelSetup['eggs'] {
  return attributesIn(body, 'egg').map((egg) => ({
    ...row<PanelSetup['eggs'][number]>(egg),
    ...(egg.name === 'Paper' && { script: installScript() }),
    nest_id: Number(egg.nest),
    variables: rows(egg.relationships, 'egg_variable'),
  }))
}

/** Whole in one answer, and cut in the others. */
function installScript() {
  const { body } = answerTo('remote-install-details-200')
  const { container_image: container, entrypoint: entry, script: install } = isObject(body) ? body : {}
  return {
    privileged: true,
    install: String(install),
    entry: String(entry),
    container: String(container),
    extends: null,
  }
}

function rows<Row>(body: unknown, object: string): Row[] {
  return attributesIn(body, object).map((attributes) => row<Row>(attributes))
}

// What an answer shows of a row, without what the simulator adds by itself.
function row<Row>(attributes: Record<string, unknown>): Row {
  const { created_at, updated_at, relationships, allocated_resources, ...columns } = attributes
  return JSON.parse(JSON.stringify(columns)) as Row
}

function answerTo(name: string) {
  const { response } = exchangeNamed(name)
  if (!response || !isObject(response.body)) throw new Error(`${name} has no answer`)
  return response
}
