import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { afterEach, expect, test } from 'vitest'
import { baseEnv, createHttp, createLogger, type Serving, serveHttp } from '../src/index.ts'

const apiKey = 'a-key-of-sixteen-or-more'
const kilobyte = 1_024

let serving: Serving | null = null
const clients: Socket[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await serving?.stop()
  serving = null
})

type Options = { maxInFlight?: number; maxBodyBytesInAll?: number; route?: (app: OpenAPIHono) => void }

async function open({ route = () => {}, ...limits }: Options = {}): Promise<Serving> {
  const app = createHttp({
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${apiKey}`),
    routeScopes: {},
    openRoutes: ['POST /open', 'GET /plans'],
    isOutage: () => false,
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
    ...limits,
  })
  app.post('/open', async (c) => c.json({ bytes: (await c.req.arrayBuffer()).byteLength }))
  app.get('/plans', (c) => c.json({}))
  route(app)
  serving = await serveHttp(
    app,
    { port: 0 },
    {
      headersTimeout: 300,
      requestTimeout: 500,
      connectionsCheckingInterval: 50,
      graceMs: 200,
    },
  )
  return serving
}

/** A client that sends so much and nothing more, and does not read. */
async function send(bytes: string): Promise<Socket> {
  const socket = connect({ port: serving?.port ?? 0, host: '127.0.0.1', allowHalfOpen: true })
  clients.push(socket)
  socket.pause()
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
  return socket
}

function half(path: string, length: number): string {
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${'x'.repeat(length - 1)}`
}

const chunked = 'transfer-encoding: chunked\r\n\r\n1\r\nx\r\n'

function post(path: string, body: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${serving?.port}${path}`, { method: 'POST', body })
}

test('what is open is a route and not a path', async () => {
  await open()
  expect((await post('/plans', 'x')).status).toBe(401)
  const [read, headers] = await Promise.all(
    ['GET', 'HEAD'].map((method) => fetch(`http://127.0.0.1:${serving?.port}/plans`, { method })),
  )
  expect([read?.status, headers?.status]).toEqual([200, 200])
})

test('requests that never end keep no place from one that does', async () => {
  await open({ maxInFlight: 2 })
  for (let n = 0; n < 5; n += 1) await send(half('/open', 10))
  for (let n = 0; n < 5; n += 1) await send(`POST /open HTTP/1.1\r\nhost: x\r\n${chunked}`)
  expect(await (await post('/open', 'whole')).json()).toEqual({ bytes: 5 })
})

test('the bodies of all requests together have a bound: the oldest that is still arriving gives way', async () => {
  await open({ maxBodyBytesInAll: 64 * kilobyte })
  const sent: Socket[] = []
  for (let n = 0; n < 6; n += 1) sent.push(await send(half('/open', 20 * kilobyte)))
  const gone = () => sent.map((socket) => socket.destroyed || socket.readableEnded)
  for (const socket of sent) socket.resume()
  await until(() => gone().filter(Boolean).length >= 3)
  expect(gone()).toEqual([true, true, true, false, false, false])
  expect(await (await post('/open', 'x'.repeat(20 * kilobyte))).json()).toEqual({ bytes: 20 * kilobyte })
})

test('a body for which there is no room, because all are being answered, is 503 and welcome later', async () => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let underWay = 0
  const route = (app: OpenAPIHono) =>
    app.post('/open/held', async (c) => {
      underWay += 1
      await held
      return c.json({})
    })
  const headers = { authorization: `Bearer ${apiKey}` }
  await open({ maxBodyBytesInAll: 64 * kilobyte, route: (app) => void route(app) })
  const url = `http://127.0.0.1:${serving?.port}/open/held`
  const slow = fetch(url, { method: 'POST', headers, body: 'x'.repeat(50 * kilobyte) })
  await until(() => underWay === 1)
  const refused = await post('/open', 'x'.repeat(20 * kilobyte))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  letGo()
  expect((await slow).status).toBe(200)
  expect((await post('/open', 'x'.repeat(20 * kilobyte))).status).toBe(200)
})

test('a client that took too long and does not read is let go', async () => {
  await open()
  const waiting = [await send(half('/open', 20 * kilobyte)), await send('GET /plans HTTP/1.1\r\nx: y')]
  // Nothing tells a client that does not read, but that nobody takes what it writes.
  await until(() => {
    for (const socket of waiting) socket.write('x')
    return waiting.every((socket) => socket.destroyed)
  })
})

test('stopping lets go of unfinished requests, and answers the whole ones however long that takes', async () => {
  let letGo = () => {}
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let underWay = false
  const { stop } = await open({
    route: (app) =>
      void app.get('/held', async (c) => {
        underWay = true
        await held
        return c.json({ held: false })
      }),
  })
  const whole = fetch(`http://127.0.0.1:${serving?.port}/held`, {
    headers: { authorization: `Bearer ${apiKey}` },
  })
  await until(() => underWay)
  const unfinished = [
    await send(half('/open', 10)),
    await send('GET /plans HTTP/1.1\r\nx: y'),
    await send(''),
  ]
  for (const socket of unfinished) socket.resume()
  const stopped = stop()
  await until(() => unfinished.every((socket) => socket.destroyed || socket.readableEnded))
  letGo()
  expect(await (await whole).json()).toEqual({ held: false })
  await stopped
})

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('It did not come so within 5 s')
    await delay(10)
  }
}
