import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { baseEnv } from './env.ts'
import { createHttp } from './http.ts'
import { createLogger } from './logger.ts'

const keys = {
  operator: 'f3a9c17e5b20d846',
  shop: 'e2a9c17e5b20d846',
  reader: 'd1a9c17e5b20d846',
  expired: 'c0a9c17e5b20d846',
}
const entries = [
  `operator:scopes=operate:${keys.operator}`,
  `shop:scopes=orders:${keys.shop}`,
  `reader:scopes=read:${keys.reader}`,
  `old:scopes=orders:expires=2026-01-31:${keys.expired}`,
]

function open() {
  const app = createHttp({
    isOutage: () => false,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(entries.join(',')),
    routeScopes: { 'GET /orders': ['orders'] },
    openRoutes: ['GET /plans', 'POST /webhooks/stripe'],
    checks: {},
    degrading: { panel: { find: async () => 'The panel says <b>no</b>', mend: 'ask it' } },
    summary: async () => ({ orders: 7 }),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  for (const path of ['/orders', '/plans']) app.get(path, (c) => c.json({}))
  app.post('/webhooks/stripe', (c) => c.json({}))
  return (path: string, { key, from = '192.0.2.1', headers = {}, method = 'GET' }: Sent = {}) =>
    app.request(
      path,
      { method, headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers } },
      { incoming: incomingFrom(from) },
    )
}

type Sent = { key?: string; from?: string; headers?: Record<string, string>; method?: string }

function incomingFrom(remoteAddress: string): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
  return new IncomingMessage(socket)
}

test('after twenty failures in a minute the right key is not looked at either, and the answer says until when', async () => {
  const send = open()
  for (let n = 0; n < 10; n += 1) {
    expect((await send('/orders', { key: `wrong-${n}` })).status).toBe(401)
    expect((await send('/orders')).status).toBe(401)
  }
  const refused = await send('/orders', { key: keys.shop })
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ code: 'too_many_failed_logins' })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  expect((await send('/orders', { key: keys.shop, from: '192.0.2.2' })).status).toBe(200)
})

test('what x-forwarded-for says makes nobody somebody else', async () => {
  const send = open()
  for (let n = 0; n < 20; n += 1)
    await send('/orders', { key: 'wrong', headers: { 'x-forwarded-for': `198.51.100.${n}` } })
  expect((await send('/orders', { key: 'wrong' })).status).toBe(429)
  expect((await send('/orders', { key: keys.shop, from: '::ffff:192.0.2.1' })).status).toBe(429)
  expect((await send('/orders', { key: keys.shop, from: '198.51.100.1' })).status).toBe(200)
})

test('a shop that others behind its address try to lock out goes on', async () => {
  const send = open()
  expect((await send('/orders', { key: keys.shop })).status).toBe(200)
  for (let n = 0; n < 100; n += 1) expect((await send('/orders', { key: 'wrong' })).status).toBe(401)
  expect((await send('/orders', { key: keys.shop })).status).toBe(200)
})

test('webhooks and open routes are never throttled', async () => {
  const send = open()
  for (let n = 0; n < 30; n += 1) await send('/orders')
  const asked = [
    send('/webhooks/stripe', { method: 'POST' }),
    ...['/plans', '/livez', '/readyz', '/health', '/openapi.json'].map((path) => send(path)),
    ...['/plans', '/health'].map((path) => send(path, { key: 'wrong' })),
  ]
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200))
})

test('failed logins are counted by reason', async () => {
  const send = open()
  const counts = async () => {
    const text = await (await send('/metrics', { key: keys.reader, from: '203.0.113.9' })).text()
    return ['missing', 'unknown', 'expired', 'throttled'].map((reason) => {
      const [, count] =
        new RegExp(`^spawnpoint_failed_logins_total{reason="${reason}"} (\\d+)$`, 'm').exec(text) ?? []
      return Number(count ?? 0)
    })
  }
  const before = await counts()
  await send('/orders', { key: keys.expired })
  for (let n = 0; n < 7; n += 1) await send('/orders')
  for (let n = 0; n < 15; n += 1) await send('/orders', { key: 'wrong' })
  const now = await counts()
  expect(now.map((count, index) => count - (before[index] ?? 0))).toEqual([7, 12, 1, 3])
})

test('/health is one word without a key, and the whole picture to a key that may read or operate', async () => {
  const send = open()
  for (const path of ['/health', '/api/health']) {
    expect(await (await send(path)).json()).toEqual({ status: 'degraded' })
    expect(await (await send(path, { key: keys.shop })).json()).toEqual({ status: 'degraded' })
    expect(await (await send(path, { key: keys.operator })).json()).toMatchObject({
      status: 'degraded',
      failing: { panel: 'The panel says <b>no</b> → ask it' },
      orders: 7,
    })
  }
})

test('/health is no way to try keys: a wrong one is a failed login, and looked at no more when there were many', async () => {
  const send = open()
  for (let n = 0; n < 20; n += 1) expect((await send('/health', { key: `wrong-${n}` })).status).toBe(401)
  const answer = await send('/health', { key: keys.operator })
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'degraded' }])
})
