import { type CheckOrder, checkOrder } from '@spawnpoint/contracts'
import { ask, connectNats, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
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
  ['half a letter in a variable', { environment: { DL_PATH: '\udc00' } }, 'environment.DL_PATH', 'surrogate'],
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

test('a variable that the egg does not have is a warning', async () => {
  expect(await checked({ environment: { NOT_THERE: '1' } })).toEqual({
    problems: [],
    warnings: [{ path: 'environment.NOT_THERE', message: expect.stringContaining('left out') }],
  })
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
  expect(await set({ environment: { RCON_PASS: 'x' } })).toEqual([])
  expect(await set({})).toEqual([expect.stringMatching(/RCON_PASS.*no default.*each order/)])
  expect(await set({ ptero_egg_id: 99 })).toEqual(['The panel has no egg 99.'])
  expect(await set({ environment: { RCON_PASS: 'x', MAX_PLAYERS: 'many', TYPO: '1' } })).toEqual([
    'The egg has no variable TYPO: it is left out.',
    'Max Players (MAX_PLAYERS) must be a whole number.',
  ])
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
