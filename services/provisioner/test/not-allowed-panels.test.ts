import { randomBytes } from 'node:crypto'
import { readEnv } from '@spawnpoint/service-kit'
import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { envSchema } from '../src/env.ts'
import { openSeller, paidOrder } from './seller.ts'
import { put, startSecond } from './two-panels.ts'

const cleanUp = owning()
afterEach(() => cleanUp[Symbol.asyncDispose]())

const inside = '127.0.0.2'
const key = `k1:${randomBytes(32).toString('base64')}`

test('a panel at a private address is refused until its network is allowed, and then waits for that again', async () => {
  const seller = cleanUp.own(await openSeller({ env: { SECRETS_KEYS: key } }))
  const fra = cleanUp.own(await startSecond({ host: inside }))
  const body = { url: fra.url, token: fra.token }
  const why = expect.stringMatching(
    new RegExp(`^${fra.url} is not called\\. ${inside} is this machine itself\\. .*PANEL_PRIVATE_NETWORKS`),
  )
  const refused = await seller.send('PUT', '/admin/panels/fra', body)
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({
    code: 'panel_not_allowed',
    detail: why,
    errors: [{ path: 'url', message: why }],
  })
  expect(await seller.prisma.panel.count()).toBe(0)

  await seller.restart({ PANEL_PRIVATE_NETWORKS: `127.0.0.1,${inside}` })
  expect(await put(seller, '/admin/panels/fra', body)).toMatchObject({ warnings: [] })
  const limits = { memory: 2048, disk: 10240, cpu: 100 }
  const environment = { RCON_PASS: 'example-password' }
  await put(seller, '/admin/plan-specs/small', { panel: 'fra', ptero_egg_id: 2, limits, environment })
  await put(seller, '/admin/region-nodes/us', { panel: 'fra', nodes: [1, 2] })

  // As after an update from a version that asked nobody.
  await seller.restart()
  const { calls } = fra.state()
  await seller.sell(paidOrder('o-1', { region: 'us' }))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({
      errorClass: 'panel_not_allowed',
      errorMessage: why,
    }),
  )
  expect(await (await seller.send('GET', '/health')).json()).toMatchObject({
    status: 'degraded',
    failing: { panel: expect.stringContaining(`fra: ${fra.url} is not called.`) },
  })
  expect(await (await seller.send('POST', '/admin/panel/check?panel=fra')).json()).toMatchObject({
    findings: [{ level: 'error', message: expect.stringContaining('PANEL_PRIVATE_NETWORKS') }],
  })
  expect(fra.state().calls).toEqual(calls)

  await seller.restart({ PANEL_PRIVATE_NETWORKS: '127.0.0.0/8' })
  await seller.becomes('o-1', 'provisioned')
})

test.each([
  ['http://panel.example.com', {}, 'PANEL_PLAIN_HTTP=allow'],
  ['http://panel.example.com', { PANEL_PLAIN_HTTP: 'allow' }, null],
  ['http://10.0.0.5', {}, 'PANEL_PLAIN_HTTP=allow'],
  ['https://10.0.0.5', {}, null],
  ['http://127.0.0.1:8000', {}, null],
  ['http://localhost:8000', {}, null],
  ['http://[::1]:8000', {}, null],
  ['https://169.254.169.254', {}, 'no panel'],
  ['https://169.254.169.254', { PANEL_PRIVATE_NETWORKS: '169.254.0.0/16' }, 'no panel'],
  ['https://panel.example.com', { PANEL_PRIVATE_NETWORKS: '10.0.0' }, '10.0.0 is no address or network'],
  ['ftp://panel.example.com', {}, 'PANEL_URL'],
])('PANEL_URL=%s with %j starts, or says why not', (PANEL_URL, env, why) => {
  const start = () =>
    readEnv(envSchema, {
      DATABASE_URL: 'mysql://user@127.0.0.1/provisioner',
      NATS_URL: 'nats://127.0.0.1',
      API_KEYS: 'shop:test-secret-0123456789',
      PANEL_URL,
      ...env,
    })
  if (why === null) expect(start).not.toThrow()
  else expect(start).toThrow(why)
})
