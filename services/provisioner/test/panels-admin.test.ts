import { randomBytes } from 'node:crypto'
import { againAfterRaces } from '@spawnpoint/database'
import { startPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { paidOrder } from './seller.ts'
import { openTwoPanels, put, serversOf, startSecond, type TwoPanels } from './two-panels.ts'

let two: TwoPanels

beforeEach(async () => {
  two = await openTwoPanels()
})

afterEach(() => two[Symbol.asyncDispose]())

test('panels are listed without their keys, and nothing gives a key back', async () => {
  const { seller, fra } = two
  expect(await (await seller.send('GET', '/admin/panels')).json()).toEqual({
    panels: [
      {
        panel: 'main',
        kind: 'pterodactyl',
        url: seller.panel.url,
        has_token: true,
        regions: ['eu'],
        servers: 0,
      },
      { panel: 'fra', kind: 'pterodactyl', url: fra.url, has_token: true, regions: ['us'], servers: 0 },
    ],
  })
  for (const path of ['/admin/panels', '/admin/panels/fra', '/admin/secrets']) {
    const text = await (await seller.send('GET', path)).text()
    expect(text).not.toContain(fra.token)
  }
  const rows = JSON.stringify([await seller.prisma.panel.findMany(), await seller.prisma.secret.findMany()])
  expect(rows).toContain('panel_token/fra')
  expect(rows).not.toContain(fra.token)
})

test('a key goes to no other address than the one that it was given for', async () => {
  const { seller, fra } = two
  await using other = await startPanel()
  expect(await refused('PUT', '/admin/panels/fra', { url: other.url })).toMatchObject({
    status: 422,
    code: 'token_required',
  })
  expect(other.state().calls).toEqual({})
  await put(seller, '/admin/panels/fra', { url: fra.url })
  await put(seller, '/admin/panels/fra', { url: other.url, token: other.token })
})

test('another address and key of a panel count on every replica within seconds', async () => {
  const { seller, fra } = two
  await seller.startReplica()
  await seller.sell(paidOrder('before', { region: 'us' }))
  await seller.becomes('before', 'provisioned')
  await using other = await startSecond()
  await put(seller, '/admin/panels/fra', { url: other.url, token: other.token })
  // Whoever still asks there is not answered any more.
  await fra.close()
  const ids = Array.from({ length: 16 }, (_, n) => `o-${n}`)
  for (const id of ids) await seller.sell(paidOrder(id, { region: 'us' }))
  for (const id of ids) await seller.becomes(id, 'provisioned', 20_000)
  for (const id of ids) expect(serversOf(other, id)).toHaveLength(1)
})

test('the keys of all panels are encrypted again with a new encryption key, and the old one can be removed', async () => {
  const { seller, key, fra, onFra } = two
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  const young = `k2:${randomBytes(32).toString('base64')}`
  await seller.restart({ SECRETS_KEYS: `${young},${key}`, PANEL_TOKEN: 'ptla_wrong' })
  const rotated = await (await seller.send('POST', '/admin/secrets/rotate')).json()
  expect(rotated).toEqual({ key_id: 'k2', rotated: ['panel_token', 'panel_token/fra'], kept: [] })
  await seller.restart({ SECRETS_KEYS: young, PANEL_TOKEN: 'ptla_wrong' })
  await seller.sell(paidOrder('us-1', { region: 'us' }))
  await seller.sell(paidOrder('eu-1'))
  await seller.becomes('us-1', 'provisioned')
  await seller.provisioned('eu-1')
  expect(onFra('us-1')).toHaveLength(1)
  // The key of one panel does not open under the name of another.
  const sealed = await seller.prisma.secret.findUniqueOrThrow({ where: { name: 'panel_token' } })
  const { ciphertext, keyId } = sealed
  await againAfterRaces(() =>
    seller.prisma.secret.update({ where: { name: 'panel_token/fra' }, data: { ciphertext, keyId } }),
  )
  await seller.restart({ SECRETS_KEYS: young })
  await seller.sell(paidOrder('us-2', { region: 'us' }))
  await eventually(async () =>
    expect(await seller.serverOf('us-2')).toMatchObject({
      errorClass: 'panel_auth',
      errorMessage: expect.stringContaining('panel_token/fra'),
    }),
  )
  await put(seller, '/admin/panels/fra', { url: fra.url, token: fra.token })
  await seller.becomes('us-2', 'provisioned', 20_000)
})

test('a panel is removed only once it has no regions, reservations and servers', async () => {
  const { seller } = two
  const order = paidOrder('us-1', { region: 'us' })
  await seller.sell(order)
  await seller.becomes('us-1', 'provisioned')
  expect(await refused('DELETE', '/admin/panels/fra')).toMatchObject({
    status: 409,
    code: 'panel_in_use',
    detail: expect.stringMatching(/regions us: give them to another panel.*1 servers: end their orders/),
  })
  await put(seller, '/admin/region-nodes/us', { nodes: [3] })
  expect(await refused('DELETE', '/admin/panels/fra')).toMatchObject({
    detail: expect.not.stringContaining('regions'),
  })
  await seller.sell({ ...order, version: 3, desired: 'terminated', status: 'terminated' }, 'order.ended')
  await seller.becomes('us-1', 'terminated')
  await eventually(async () => expect((await seller.send('DELETE', '/admin/panels/fra')).status).toBe(204))
  expect((await seller.send('GET', '/admin/panels/fra')).status).toBe(404)
  expect(await seller.prisma.secret.findMany()).toEqual([])
  expect(await seller.prisma.planSpec.findMany()).toMatchObject([{ panelId: 'main' }])
  // Its region is sold on the other one now.
  await seller.sell(paidOrder('us-2', { region: 'us' }))
  await seller.provisioned('us-2')
})

test('a panel with a reservation is not removed', async () => {
  const { seller } = two
  await againAfterRaces(() =>
    seller.prisma.allocationClaim.create({
      data: {
        allocationId: 1,
        panelId: 'fra',
        nodeId: 1,
        orderId: 'o-1',
        memory: 1,
        disk: 1,
        createdAt: new Date(),
      },
    }),
  )
  await put(seller, '/admin/region-nodes/us', { nodes: [3] })
  expect(await refused('DELETE', '/admin/panels/fra')).toMatchObject({
    status: 409,
    detail: expect.stringContaining('1 places that orders hold'),
  })
})

const unknown: [string, ...Parameters<TwoPanels['seller']['send']>][] = [
  ['a region', 'PUT', '/admin/region-nodes/us', { panel: 'nyc', nodes: [1] }],
  [
    'a plan',
    'PUT',
    '/admin/plan-specs/small',
    { panel: 'nyc', ptero_egg_id: 1, limits: { memory: 1, disk: 1 } },
  ],
  ['a check', 'POST', '/admin/panel/check?panel=nyc'],
]

test.each(unknown)(
  '%s on a panel that nobody knows is refused with those that there are',
  async (_, ...request) => {
    expect(await refused(...request)).toMatchObject({
      status: 422,
      code: 'panel_unknown',
      detail: expect.stringContaining('there is main, fra'),
    })
  },
)

const bad: [string, string, unknown, number, string][] = [
  ['that of the environment', 'main', { url: 'https://panel.example' }, 409, 'panel_of_environment'],
  ['a name with a slash', 'a%2Fb', { url: 'https://panel.example' }, 422, 'invalid_request'],
  ['a name of 33 letters', 'a'.repeat(33), { url: 'https://panel.example' }, 422, 'invalid_request'],
  ['an address that is none', 'nyc', { url: 'panel.example' }, 422, 'invalid_request'],
  ['another protocol', 'nyc', { url: 'ftp://panel.example' }, 422, 'invalid_request'],
  ['a password in the address', 'nyc', { url: 'https://a:b@panel.example' }, 422, 'invalid_request'],
  ['a key with a line break', 'nyc', { url: 'https://panel.example', token: 'a\nb' }, 422, 'invalid_request'],
]

test.each(bad)('%s cannot be set as a panel', async (_, panel, body, status, code) => {
  expect(await refused('PUT', `/admin/panels/${panel}`, body)).toMatchObject({ status, code })
  expect(await two.seller.prisma.panel.count()).toBe(1)
})

test('a panel of another kind, and one that is known already, is refused; one that is away is taken with a warning', async () => {
  const { seller, fra } = two
  await using other = await startPanel({ kind: 'pelican' })
  const body = { url: `${other.url}/`, token: other.token }
  const inWords = expect.stringContaining('the kind of /admin/panels/nyc')
  expect(await refused('PUT', '/admin/panels/nyc', body)).toMatchObject({
    status: 422,
    code: 'panel_is_pelican',
    detail: inWords,
  })
  await using pterodactyl = await startPanel()
  const wrong = { url: pterodactyl.url, token: pterodactyl.token, kind: 'pelican' }
  expect(await refused('PUT', '/admin/panels/nyc', wrong)).toMatchObject({
    status: 422,
    code: 'panel_is_pterodactyl',
    detail: inWords,
  })
  expect(await refused('PUT', '/admin/panels/nyc', { url: `${fra.url}/`, token: 'x' })).toMatchObject({
    status: 409,
    code: 'panel_url_taken',
  })
  expect(await put(seller, '/admin/panels/nyc', { ...body, kind: 'pelican' })).toMatchObject({
    kind: 'pelican',
    url: other.url,
    warnings: [],
  })
  other.addFault({ do: { kind: 'hang' } })
  // The kind is kept.
  expect(await put(seller, '/admin/panels/nyc', body)).toMatchObject({
    kind: 'pelican',
    warnings: [expect.stringContaining('did not answer in time')],
  })
})

test('every panel is checked, each finding with its name', async () => {
  const { seller, fra } = two
  fra.change({ nodes: [{ id: 2, maintenance_mode: true }] })
  const findings = await check()
  expect(findings).toContainEqual({
    panel: 'fra',
    level: 'warning',
    what: 'node 2',
    message: expect.stringContaining('under maintenance'),
  })
  expect(findings).toContainEqual({
    panel: 'main',
    level: 'ok',
    what: 'node 2',
    message: 'fra-2 is open, with free ports.',
  })
  fra.addFault({ do: { kind: 'status', status: 500 } })
  expect((await check()).filter(({ panel }) => panel === 'main')).toContainEqual(
    expect.objectContaining({ what: 'key', level: 'ok' }),
  )
  expect(await check('?panel=main')).toEqual((await check()).filter(({ panel }) => panel === 'main'))
  await seller.send('PUT', '/admin/panels/fra', { url: fra.url, token: 'ptla_wrong' })
  fra.removeFaults()
  expect(await check('?panel=fra')).toEqual([
    { panel: 'fra', level: 'error', what: 'key', message: expect.stringContaining('PUT /admin/panels/fra') },
  ])
})

async function check(query = ''): Promise<{ panel: string }[]> {
  const answer = await two.seller.send('POST', `/admin/panel/check${query}`)
  return ((await answer.json()) as { findings: { panel: string }[] }).findings
}

async function refused(method: string, path: string, body?: unknown) {
  const answer = await two.seller.send(method, path, body)
  const { code, detail } = (await answer.json()) as { code: string; detail: string }
  return { status: answer.status, code, detail }
}
