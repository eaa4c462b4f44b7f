import { expect, test } from 'vitest'
import type { Known, Shown } from './compared.ts'
import { findDrifts, isSameDrift } from './find-drift.ts'

const limits = { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 }

const spec = { limits, ptero_egg_id: 1, ports: [] }

function shown(changes: Partial<Shown> = {}): Shown {
  const own = {
    id: 7,
    uuid: 'u-7',
    external_id: 'o-1',
    description: 'Order o-1',
    status: null,
    user: 3,
    limits,
    egg: 1,
    node: 1,
    allocation: 5,
    container: { environment: {} },
  }
  return { ...own, ...changes }
}

function known(changes: Partial<Known> = {}): Known {
  const own = { order_id: 'o-1', desired: 'running', status: 'provisioned', generation: 1 } as const
  const place = { ptero_identifier: 'u', node_id: 1, allocation_id: 5, address: null, moved_region: null }
  return {
    ...own,
    ...place,
    ptero_server_id: 7,
    ptero_uuid: 'u-7',
    region: 'eu',
    user: 3,
    spec,
    variables: {},
    ...changes,
  }
}

const ofNoOrder = { panelId: 'main', panelOf: () => undefined }

const nothing: [what: string, shown: Shown[], known: Known[]][] = [
  ['a server as it should be', [shown()], [known()]],
  ['a server that is being installed anew', [shown({ status: 'installing' })], [known()]],
  ['a server whose order waits', [], [known({ status: 'waiting', ptero_server_id: null, ptero_uuid: null })]],
  ['an order that is over, and whose server is gone', [], [known({ desired: 'terminated' })]],
  ['a server of somebody else', [shown({ external_id: null, description: '' })], []],
  ['a server that another program made', [shown({ external_id: 'whmcs-12', description: '' })], []],
  ['a user we know nothing of, and a plan without a spec', [shown()], [known({ user: null, spec: null })]],
  [
    'a server that we never asked for, of an order that is over',
    [shown()],
    [known({ desired: 'terminated', generation: 0 })],
  ],
]

test.each(nothing)('%s is no drift', (_, servers, rows) => {
  expect(findDrifts(servers, rows, ofNoOrder)).toEqual([])
})

const drifts: [what: string, shown: Shown[], known: Known[], kind: string, finding: string][] = [
  ['an order whose server is gone', [], [known()], 'ghost', 'no longer on the panel'],
  [
    'a suspended order whose server is gone',
    [],
    [known({ desired: 'suspended', status: 'suspended' })],
    'ghost',
    'no longer',
  ],
  [
    'a late create of an order that is over',
    [shown()],
    [known({ desired: 'terminated', status: 'terminated', ptero_server_id: null, ptero_uuid: null })],
    'left_over',
    'is over',
  ],
  [
    'more memory than the plan has',
    [shown({ limits: { ...limits, memory: 4096 } })],
    [known()],
    'changed',
    'memory is 4096 instead of 1024.',
  ],
  ['another owner', [shown({ user: 9 })], [known()], 'changed', 'its owner is user 9 instead of 3.'],
  ['another external id', [shown({ external_id: 'x' })], [known()], 'changed', 'its external id is x.'],
  ['a suspension by hand', [shown({ status: 'suspended' })], [known()], 'changed', 'it is suspended.'],
  [
    'a suspension that somebody lifted',
    [shown()],
    [known({ desired: 'suspended', status: 'suspended' })],
    'changed',
    'it is not suspended.',
  ],
  [
    'an order whose server is gone, and whose external id the server of another was given',
    [shown({ external_id: 'o-2' })],
    [known({ order_id: 'o-2', ptero_server_id: 8, ptero_uuid: 'u-8' }), known({ status: 'waiting' })],
    'ghost',
    'Server 8 is no longer',
  ],
  ['a server that says it is ours', [shown()], [], 'orphan', 'nothing was ever heard'],
  [
    'an id as ours, whatever its customer wrote over the description',
    [shown({ external_id: '749eb9d5-e210-553d-be91-e18790207abb', description: 'mine' })],
    [],
    'orphan',
    'nothing was ever heard',
  ],
]

test.each(drifts)('%s is found', (_, servers, rows, kind, finding) => {
  expect(findDrifts(servers, rows, ofNoOrder)).toMatchObject([
    { kind, finding: expect.stringContaining(finding) },
  ])
})

test('a server whose order is being reconciled is no orphan', () => {
  expect(findDrifts([shown()], [], { panelId: 'main', panelOf: () => 'main' })).toEqual([])
})

test('a server whose order has its own on another panel is an orphan', () => {
  expect(findDrifts([shown()], [], { panelId: 'main', panelOf: () => 'fra' })).toMatchObject([
    { kind: 'orphan', finding: expect.stringContaining('whose server is on the panel fra') },
  ])
})

test('what differs is named together', () => {
  const [drift] = findDrifts([shown({ user: 9, limits: { ...limits, cpu: 0 } })], [known()], ofNoOrder)
  expect(drift).toMatchObject({
    finding: 'cpu is 0 instead of 100; its owner is user 9 instead of 3.',
    fields: ['cpu', 'owner'],
  })
})

test('a drift is the same while the panel shows the same of its server, whatever is said of it', () => {
  const before = { fields: 'memory', ptero_uuid: 'u-7', shown: 'memory=4096' }
  expect(isSameDrift(before, before)).toBe(true)
  expect(isSameDrift({ ...before, shown: null }, before)).toBe(true)
  expect(isSameDrift(before, { ...before, shown: 'memory=8192' })).toBe(false)
  expect(isSameDrift(before, { ...before, fields: 'memory,cpu' })).toBe(false)
  expect(isSameDrift(before, { ...before, ptero_uuid: 'u-8' })).toBe(false)
})

test('what it is recognized by names the value that the panel shows, and not the one that the plan wants', () => {
  const of = (memory: number) =>
    findDrifts(
      [shown({ limits: { ...limits, memory: 4096 } })],
      [known({ spec: { ...spec, limits: { ...limits, memory } } })],
      ofNoOrder,
    )
  expect(of(1024)).toMatchObject([{ shown: 'memory=4096' }])
  expect(of(2048)).toMatchObject([{ shown: 'memory=4096' }])
})

test('another egg, and a variable that names a port which is not its own, differ', () => {
  const row = known({ spec: { ...spec, ports: [{ variable: 'QUERY_PORT' }, { variable: 'RCON_PORT' }] } })
  const allocations = [
    { id: 5, ip: '203.0.113.1', alias: null, port: 25_565 },
    { id: 6, ip: '203.0.113.1', alias: null, port: 25_566 },
  ]
  const as = (environment: Record<string, string>, egg = 1) =>
    findDrifts([shown({ egg, container: { environment }, relationships: { allocations } })], [row], ofNoOrder)
  expect(as({ QUERY_PORT: '25566', RCON_PORT: '28016' }, 2)).toMatchObject([
    {
      kind: 'changed',
      fields: ['egg', 'ports'],
      finding: 'its egg is 2 instead of 1; RCON_PORT (28016) names no port of its own.',
    },
  ])
  // The port that players connect to is none of them.
  expect(as({ QUERY_PORT: '25566', RCON_PORT: '25565' })).toMatchObject([{ fields: ['ports'] }])
  expect(as({ QUERY_PORT: '25566', RCON_PORT: '25566' })).toEqual([])
})

test('a variable of the plan that customers cannot change is compared, and secrets are not told', () => {
  const variables = {
    MAX_PLAYERS: { value: '40', isSecret: false },
    MOTD: { value: 'Welcome', isSecret: false },
    RCON_PASS: { value: 'a-secret', isSecret: true },
    ADMIN_TOKEN: { value: 'b-secret', isSecret: false },
  }
  const lockedIn = () => new Set(['MAX_PLAYERS', 'RCON_PASS', 'ADMIN_TOKEN'])
  const as = (environment: Record<string, unknown>, egg = 1) =>
    findDrifts([shown({ egg, container: { environment } })], [known({ variables })], {
      ...ofNoOrder,
      lockedIn,
    })
  const right = { MAX_PLAYERS: 40, MOTD: 'Mine', RCON_PASS: 'a-secret', ADMIN_TOKEN: 'b-secret' }
  expect(as(right)).toEqual([])
  const [found] = as({ MAX_PLAYERS: '80', MOTD: 'Mine', RCON_PASS: 'x1', ADMIN_TOKEN: 'x2' })
  expect(found).toMatchObject({
    kind: 'changed',
    fields: ['variables'],
    finding:
      'MAX_PLAYERS is "80" instead of "40", RCON_PASS has another value, ADMIN_TOKEN has another value.',
    shown: 'variables=MAX_PLAYERS:80 RCON_PASS ADMIN_TOKEN',
  })
  // Those of another egg are another matter.
  expect(as({}, 2)).toMatchObject([{ fields: ['egg'] }])
})
