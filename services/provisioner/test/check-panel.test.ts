import {
  access,
  applicationKey,
  demoPanel as demoWorld,
  type PanelOptions,
  startPanel,
} from '@spawnpoint/panel-simulator'
import { afterEach, expect, test } from 'vitest'
import { openSeller, type Seller } from './seller.ts'

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

test('a panel that can make what is sold is found to be so', async () => {
  seller = await openSeller()
  expect(await check()).toEqual({
    ok: true,
    findings: [
      { level: 'ok', what: 'key', message: 'The panel accepts the key.' },
      { level: 'ok', what: 'rights', message: 'The key has every right that is needed.' },
      { level: 'ok', what: 'node 1', message: 'fra-1 is open, with free ports.' },
      { level: 'ok', what: 'node 2', message: 'fra-2 is open, with free ports.' },
      { level: 'ok', what: 'plan small', message: 'Fits its egg.' },
      { level: 'ok', what: 'calls', message: expect.stringContaining('calls a minute') },
    ],
  })
  expect(seller.panel.state().servers).toEqual([])
  expect(seller.panel.state().users).toHaveLength(2)
})

test('a wrong key is reported as such, with what to do', async () => {
  await using other = await startPanel()
  await saysOnly(
    { env: { PANEL_TOKEN: other.token } },
    'key',
    /does not know the key.*PUT \/admin\/secrets\/panel_token/,
  )
})

test('a key of a user who is no administrator is reported as such', async () => {
  await saysOnly({ keys: [applicationKey(2, access.both)] }, 'key', /Its owner must be an administrator/)
})

test('a key that may not be used from here is reported as such', async () => {
  const key = { ...applicationKey(1, access.both), allowedIps: ['192.0.2.1'] }
  await saysOnly({ keys: [key] }, 'key', /This IP address.*list of addresses/)
})

test.each([
  ['servers', access.read, 'write on servers'],
  ['servers', access.write, 'read on servers'],
  ['users', access.read, 'write on users'],
  ['nodes', access.none, 'read on nodes'],
  ['allocations', access.none, 'read on allocations'],
  ['nests', access.none, 'read on nests'],
  ['eggs', access.none, 'read on eggs'],
] as const)('a key with %s: %i lacks a right, which is named', async (resource, given, right) => {
  const rights = { servers: 3, users: 3, nodes: 1, allocations: 1, nests: 1, eggs: 1 } as const
  const key = applicationKey(1, { ...rights, [resource]: given })
  await saysOnly({ keys: [key] }, 'rights', new RegExp(`lacks ${right}\\. Make a new key`))
})

test('an address without a Pterodactyl panel is reported as such', async () => {
  seller = await openSeller()
  seller.panel.addFault({
    when: { path: '/nests' },
    do: { kind: 'status', status: 404, detail: 'The route api/application/nests could not be found.' },
  })
  expect(await check()).toMatchObject({
    ok: false,
    findings: [{ what: 'key', message: expect.stringContaining('Pelican') }],
  })
})

test('nodes that take nothing are named, with what to change on the panel', async () => {
  const world = demoWorld()
  seller = await openSeller({
    world: {
      ...world,
      nodes: world.nodes.map((node) => ({
        ...node,
        ...(node.id === 1 ? { maintenance_mode: true } : { memory_overallocate: -1 }),
      })),
      allocations: world.allocations.filter(({ node_id }) => node_id !== 1),
    },
  })
  await seller.send('PUT', '/admin/region-nodes/us', { nodes: [3, 99, { node_id: 98, enabled: false }] })
  const { ok, findings } = await check()
  expect(ok).toBe(false)
  const said = findings.map(({ what, message }) => `${what}: ${message}`)
  for (const words of [
    /node 1: fra-1 is under maintenance.*End it on the panel/,
    /node 1: fra-1 has no free port: add allocations/,
    /node 2: fra-2 has -1 for memory.*99 %.*set 0/,
    /node 99: .*PUT \/admin\/region-nodes\/us/,
  ])
    expect(said).toContainEqual(expect.stringMatching(words))
})

test('a plan whose egg has no default for what it requires is named', async () => {
  seller = await openSeller()
  await seller.send('PUT', '/admin/plan-specs/rust', { ptero_egg_id: 2, limits: { memory: 1, disk: 1 } })
  const { ok, findings } = await check()
  expect(ok).toBe(true)
  expect(findings).toContainEqual({
    level: 'warning',
    what: 'plan rust',
    message: expect.stringMatching(
      /RCON_PASS.*set environment\.RCON_PASS to \{"generate": "password"\} here/,
    ),
  })
})

type Checked = { ok: boolean; findings: { level: string; what: string; message: string }[] }

async function check(): Promise<Checked> {
  return (await (await seller.send('POST', '/admin/panel/check')).json()) as Checked
}

async function saysOnly(
  options: PanelOptions & { env?: Record<string, string> },
  what: string,
  message: RegExp,
): Promise<void> {
  seller = await openSeller(options)
  expect(await check()).toEqual({
    ok: false,
    findings: [{ level: 'error', what, message: expect.stringMatching(message) }],
  })
}
