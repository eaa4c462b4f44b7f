import { type CheckOrder, checkOrder } from '@spawnpoint/contracts'
import { ask, connectNats, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeller, type Seller } from './seller.ts'

// What the order service asks before anybody pays.

let seller: Seller
let nats: Nats

beforeAll(async () => {
  seller = await openSeller()
  nats = connectNats({
    url: seller.natsUrl,
    name: 'test',
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  await seller.send('PUT', '/admin/plan-specs/rust', {
    ptero_egg_id: 2,
    limits: { memory: 1024, disk: 1024 },
    ports: [{ variable: 'RCON_PORT', offset: 1 }],
  })
  const limits = { memory: 1, disk: 1 }
  const fixed = { ptero_egg_id: 1, limits, environment: { MINECRAFT_VERSION: '1.20' } }
  await seller.send('PUT', '/admin/plan-specs/fixed', fixed)
  const open = { ...fixed, may_set: ['DL_PATH', 'MINECRAFT_VERSION'] }
  await seller.send('PUT', '/admin/plan-specs/open', open)
  await seller.send('PUT', '/admin/plan-specs/gone', { ...fixed, ptero_egg_id: 99 })
})

afterAll(async () => {
  await nats?.close()
  await seller?.[Symbol.asyncDispose]()
})

test('an order that the panel would take has no problems', async () => {
  expect(await checked({})).toEqual({ problems: [], warnings: [] })
  expect(await checked({ plan: 'rust', environment: { RCON_PASS: 'secret-1' } })).toEqual({
    problems: [],
    warnings: [],
  })
})

const refused: [what: string, changes: Partial<CheckOrder>, path: string, message: string][] = [
  ['a plan that nobody set', { plan: 'none' }, 'plan', '/admin/plan-specs/none'],
  ['a region without nodes', { region: 'mars' }, 'region', 'mars'],
  ['a name of blanks', { server_name: ' \t ' }, 'server_name', 'seen'],
  ['a name that cannot be seen', { server_name: '\u200b\u00ad' }, 'server_name', 'seen'],
  ['half a letter', { server_name: 'x\ud83d' }, 'server_name', 'surrogate'],
  [
    'a missing variable',
    { plan: 'rust' },
    'environment.RCON_PASS',
    'RCON Password (RCON_PASS) must have a value',
  ],
  [
    'a variable that breaks a rule of the egg',
    { environment: { SERVER_JARFILE: 'no jar' } },
    'environment.SERVER_JARFILE',
    'must look like',
  ],
  [
    'half a letter in a variable',
    { environment: { MINECRAFT_VERSION: '\udc00' } },
    'environment.MINECRAFT_VERSION',
    'surrogate',
  ],
  [
    'a variable that the egg keeps from customers',
    { environment: { DL_PATH: '/evil.jar' } },
    'environment.DL_PATH',
    'user_editable',
  ],
  [
    'a variable that the plan sets',
    { plan: 'fixed', environment: { MINECRAFT_VERSION: '1.8' } },
    'environment.MINECRAFT_VERSION',
    'The plan sets MINECRAFT_VERSION',
  ],
  [
    'a port that is chosen later',
    { plan: 'rust', environment: { RCON_PASS: 'secret-1', RCON_PORT: '1' } },
    'environment.RCON_PORT',
    'receives a port',
  ],
  [
    'a variable that the egg does not have',
    { environment: { Minecraft_Version: '1.8' } },
    'environment.Minecraft_Version',
    'it has MINECRAFT_VERSION',
  ],
  ['an egg that is gone', { plan: 'gone' }, 'plan.ptero_egg_id', 'no egg 99'],
]

test.each(refused)('%s is reported as the problem', async (_, changes, path, message) => {
  const { problems } = await checked(changes)
  expect(problems).toMatchObject([{ path, message: expect.stringContaining(message) }])
})

test.each([
  'Ünïcödé 🎮 server',
  "Robert'); DROP TABLE servers;--",
  '<script>',
  '%00{{x}}',
  'עברית',
  'x'.repeat(191),
])('a server may be called %j', async (server_name) => {
  expect(await checked({ server_name })).toEqual({ problems: [], warnings: [] })
})

test('a plan lists what an order may set all the same', async () => {
  expect(
    await checked({ plan: 'open', environment: { DL_PATH: '/a.jar', MINECRAFT_VERSION: '1.8' } }),
  ).toEqual({
    problems: [],
    warnings: [],
  })
})

test('an egg that has lost its image or its startup since is a problem of every order', async () => {
  const spec = { ptero_egg_id: 9, limits: { memory: 1, disk: 1 } }
  seller.panel.change({ add: { eggs: [eggWith({ id: 9, rules: 'nullable|string' })] } })
  const set = await seller.send('PUT', '/admin/plan-specs/broken', spec)
  expect(set.status).toBe(200)
  seller.panel.change({ delete: { eggs: [9] } })
  seller.panel.change({
    add: { eggs: [{ ...eggWith({ id: 9, rules: 'nullable|string' }), docker_images: {}, startup: ' ' }] },
  })
  const again = await seller.send('PUT', '/admin/plan-specs/broken', spec)
  expect(again.status).toBe(422)
  expect(await again.json()).toMatchObject({
    code: 'plan_unsellable',
    errors: [{ path: 'docker_image' }, { path: 'startup' }],
  })
  // The plan's check has read the egg again.
  expect(await checked({ plan: 'broken' })).toMatchObject({
    problems: [{ path: 'plan.docker_image' }, { path: 'plan.startup' }],
  })
})

test.each([
  [{ docker_image: '' }, 'docker_image'],
  [{ docker_image: 'ghcr.io/a/b:c?' }, 'docker_image'],
  [{ startup: '  ' }, 'startup'],
  [{ environment: { 'MAX-PLAYERS': '1' } }, 'environment.MAX-PLAYERS'],
  [{ environment: { RCON_PASS: { generate: 'pin' } } }, 'environment.RCON_PASS'],
  [{ environment: { RCON_PASS: { generate: 'password', length: 4 } } }, 'environment.RCON_PASS'],
  [{ may_set: ['a b'] }, 'may_set'],
])('a plan with %j is refused before anybody buys it', async (changes, path) => {
  const spec = { ptero_egg_id: 2, limits: { memory: 1, disk: 1 }, ...changes }
  const answer = await seller.send('PUT', '/admin/plan-specs/bad', spec)
  expect(answer.status).toBe(422)
  expect(JSON.stringify(await answer.json())).toContain(path)
})

test('a rule that only the panel can evaluate is a warning', async () => {
  seller.panel.change({ add: { eggs: [eggWith({ id: 7, rules: 'required|regex:/^[[:alpha:]]+$/' })] } })
  await seller.send('PUT', '/admin/plan-specs/odd', { ptero_egg_id: 7, limits: { memory: 1, disk: 1 } })
  expect(await checked({ plan: 'odd', environment: { ODD: 'abc' } })).toEqual({
    problems: [],
    warnings: [{ path: 'environment.ODD', message: expect.stringContaining('only the panel can judge') }],
  })
})

test('a check does not wait for a panel that hangs', async () => {
  seller.panel.change({ add: { eggs: [eggWith({ id: 6, rules: 'required|string' })] } })
  seller.panel.addFault({ do: { kind: 'hang' } })
  await seller.send('PUT', '/admin/plan-specs/slow', { ptero_egg_id: 6, limits: { memory: 1, disk: 1 } })
  expect(await checked({ plan: 'slow' })).toMatchObject({ problems: [], warnings: [{ path: 'plan' }] })
  seller.panel.removeFaults()
})

test('while the panel is unavailable an order is accepted with a warning', async () => {
  seller.panel.change({ add: { eggs: [eggWith({ id: 8, rules: 'required|string' })] } })
  seller.panel.addFault({ do: { kind: 'refused' } })
  await seller.send('PUT', '/admin/plan-specs/away', { ptero_egg_id: 8, limits: { memory: 1, disk: 1 } })
  expect(await checked({ plan: 'away' })).toEqual({
    problems: [],
    warnings: [{ path: 'plan', message: expect.stringContaining('could not be asked') }],
  })
  seller.panel.removeFaults()
})

test('setting a plan returns warnings about selling it', async () => {
  const set = async (changes: object) => {
    const spec = { ptero_egg_id: 2, limits: { memory: 1, disk: 1 }, ...changes }
    const answer = await seller.send('PUT', '/admin/plan-specs/told', spec)
    return ((await answer.json()) as { warnings: string[] }).warnings
  }
  const ports = [{ variable: 'RCON_PORT' }]
  const environment = { RCON_PASS: { generate: 'password' } }
  // What the panel refused a moment ago may close the connection that is used first.
  await eventually(async () => expect(await set({ ports, environment })).toEqual([]))
  expect(await set({ ports })).toEqual([
    expect.stringMatching(/RCON_PASS.*no default.*"generate".*each order/),
  ])
  expect(await set({ ptero_egg_id: 99 })).toEqual(['The panel has no egg 99.'])
  expect(await set({ ports, environment: { ...environment, MAX_PLAYERS: 'many', TYPO: '1' } })).toEqual([
    'The egg has no variable TYPO: it is left out.',
    'Max Players (MAX_PLAYERS) must be a whole number.',
  ])
  expect(await set({ environment: { RCON_PASS: 'one-for-all' } })).toEqual([
    expect.stringMatching(/RCON_PORT looks like a port.*28016/),
    expect.stringMatching(/RCON_PASS is the same for all customers/),
  ])
  expect(
    await set({
      ports,
      environment: { ...environment, MAX_PLAYERS: { generate: 'password', characters: 'letters' } },
    }),
  ).toEqual([expect.stringMatching(/No password.*MAX_PLAYERS/)])
})

function checked(changes: Partial<CheckOrder>) {
  const request = { plan: 'small', region: 'eu', server_name: 'Home', environment: {}, ...changes }
  return ask({ nats, contract: checkOrder, request, timeoutMs: 10_000 })
}

function eggWith({ id, rules }: { id: number; rules: string }) {
  return {
    id,
    nest_id: 1,
    name: `Egg ${id}`,
    docker_images: { One: 'example/one' },
    startup: './one',
    variables: [{ id: 1_000 + id, name: 'Odd', env_variable: 'ODD', default_value: 'x', rules }],
  }
}
