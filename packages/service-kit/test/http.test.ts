import { request } from 'node:http'
import { connect } from 'node:net'
import { createRoute, z } from '@hono/zod-openapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { baseEnv, createHttp, createLogger, type Serving, serveHttp } from '../src/index.ts'

const apiKey = 'a-key-of-sixteen-or-more'
const maxBodyBytes = 1_000

let serving: Serving
let letGo = () => {}
const held = new Promise<void>((resolve) => {
  letGo = resolve
})

beforeAll(async () => {
  const app = createHttp({
    isOutage: (error) => error instanceof Error && error.message === 'away',
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${apiKey}`),
    routeScopes: {},
    maxBodyBytes,
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  app.openapi(postThing, (c) => c.json(c.req.valid('json'), 200))
  app.get('/things/:id', (c) => c.json({ id: c.req.param('id') }))
  app.get('/held', async (c) => {
    await held
    return c.json({ held: false })
  })
  app.get('/away', () => {
    throw new Error('away')
  })
  app.get('/broken', () => {
    throw new TypeError('a bug')
  })
  serving = await serveHttp(
    app,
    { port: 0 },
    {
      headersTimeout: 300,
      requestTimeout: 600,
      connectionsCheckingInterval: 50,
    },
  )
})

afterAll(() => serving.stop())

const thing = z.object({ name: z.string().max(20) })
const postThing = createRoute({
  method: 'post',
  path: '/things',
  request: { body: { required: true, content: { 'application/json': { schema: thing } } } },
  responses: { 200: { description: 'It', content: { 'application/json': { schema: thing } } } },
})

const authorization = `Bearer ${apiKey}`
const jsonHeaders = { authorization, 'content-type': 'application/json' }

test.each([
  ['no API key', 'GET', '/things/1', { headers: {} }, 401, 'api_key_missing'],
  [
    'a wrong API key',
    'GET',
    '/things/1',
    { headers: { authorization: 'Bearer no' } },
    401,
    'api_key_unknown',
  ],
  ['an unknown path', 'GET', '/nothing', {}, 404, 'route_not_found'],
  ['another method', 'DELETE', '/things/1', {}, 405, 'method_not_allowed'],
  [
    'JSON that is none',
    'POST',
    '/things',
    { headers: jsonHeaders, body: '{"name"' },
    400,
    'malformed_request',
  ],
  [
    'a body that does not fit',
    'POST',
    '/things',
    { headers: jsonHeaders, body: '[]' },
    422,
    'invalid_request',
  ],
  ['no body', 'POST', '/things', { headers: jsonHeaders }, 400, 'malformed_request'],
  ['another content type', 'POST', '/things', { body: 'name=x' }, 415, 'not_json'],
  ['a bug of ours', 'GET', '/broken', {}, 500, 'internal_error'],
  ['something we need that is away', 'GET', '/away', {}, 503, 'temporarily_unavailable'],
])('%s is a problem document with a code and the request id', async (_, method, path, init, status, code) => {
  const { headers, ...rest } = { headers: { authorization }, ...init }
  const response = await fetch(url(path), {
    method,
    headers: { ...headers, 'x-request-id': 'mine-1' },
    ...rest,
  })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('x-request-id')).toBe('mine-1')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toMatchObject({ status, code, request_id: 'mine-1' })
})

test('405 says which methods there are', async () => {
  const response = await fetch(url('/things/1'), { method: 'DELETE', headers: { authorization } })
  expect(response.headers.get('allow')).toBe('GET')
})

test.each(['with spaces', 'x'.repeat(65), '<script>'])(
  'a request id that is not one is replaced: %s',
  async (id) => {
    const response = await fetch(url('/livez'), { headers: { 'x-request-id': id } })
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  },
)

test('a path whose percent-encoding is broken is answered like any other', async () => {
  const answer = await raw(
    `GET /things/%E0%A4%A HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1.1 (200|404) /)
})

test.each([
  ['no HTTP at all', 'EHLO there\r\n\r\n', 400, 'malformed_request'],
  ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
  ['a Host that is none', 'GET /livez HTTP/1.1\r\nhost: a b/\\?\r\n\r\n', 400, 'malformed_request'],
  ['an absolute URL that is none', 'GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
  ['endless headers', `GET /livez HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
])('%s is a problem document too', async (_, bytes, status, code) => {
  const answer = await raw(bytes)
  expect(answer).toContain(`HTTP/1.1 ${status} `)
  expect(answer).toContain('application/problem+json')
  expect(answer.toLowerCase()).toContain('\r\ncache-control: no-store\r\n')
  expect(JSON.parse(answer.split('\r\n\r\n').slice(1).join(''))).toMatchObject({
    status,
    code,
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('a client that sends its headers or its body byte by byte is let go', async () => {
  expect(await raw('GET /livez HTTP/1.1\r\nx: y', { end: 'never' })).toContain('"code":"request_timeout"')
  const head = `POST /things HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n`
  const slow = `${head}content-type: application/json\r\ncontent-length: 20\r\n\r\n{"name"`
  expect(await raw(slow, { end: 'never' })).toContain('"code":"request_timeout"')
})

test('a body above the limit is 413, heard by a client that sends all of it before it listens, and ends the connection', async () => {
  for (const chunked of [false, true]) {
    const { status, connection } = await post(Buffer.alloc(4_000_000, 'x'), chunked)
    expect([status, connection]).toEqual([413, 'close'])
  }
})

test('a client that sends everything before it reads anything hears 413 all the same', async () => {
  const body = 'x'.repeat(12_000_000)
  const head = `POST /things HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n`
  expect(await raw(`${head}content-length: ${body.length}\r\n\r\n${body}`)).toContain('HTTP/1.1 413 ')
})

test.each([20, 20_000])(
  'a client that hangs up within a body of %i bytes hears whose fault that is',
  async (length) => {
    const head = `POST /things HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n`
    const half = `${head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n{"name"`
    expect(await raw(half, { end: 'at once' })).toContain('"code":"request_incomplete"')
  },
)

test('a GET may bring a body of any size, which nobody reads', async () => {
  const body = 'x'.repeat(100_000)
  const head = `GET /things/1 HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n`
  expect(await raw(`${head}content-length: ${body.length}\r\n\r\n${body}`)).toContain('HTTP/1.1 200 ')
  expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n2\r\nxx\r\n0\r\n\r\n`)).toContain(
    'HTTP/1.1 200 ',
  )
})

test('a body of exactly the limit is read, announced or chunked', async () => {
  const body = Buffer.from(`{"name":"x"}`.padEnd(maxBodyBytes))
  expect(await post(body, false)).toMatchObject({ status: 200 })
  expect(await post(body, true)).toMatchObject({ status: 200 })
})

test('stopping answers the request under way, takes no other and does not wait for idle connections', async () => {
  expect((await fetch(url('/livez'))).status).toBe(200)
  const underWay = fetch(url('/held'), { headers: { authorization } })
  await fetch(url('/livez'))
  const stopped = serving.stop()
  await expect(fetch(url('/livez'))).rejects.toThrow()
  letGo()
  expect(await (await underWay).json()).toEqual({ held: false })
  const begun = performance.now()
  await stopped
  expect(performance.now() - begun).toBeLessThan(3_000)
})

function url(path: string): string {
  return `http://127.0.0.1:${serving.port}${path}`
}

function post(body: Buffer, chunked: boolean): Promise<{ status?: number; connection?: string }> {
  return new Promise((resolve, reject) => {
    const headers = { ...jsonHeaders, ...(chunked ? {} : { 'content-length': body.length }) }
    const sending = request(url('/things'), { method: 'POST', headers }, (response) => {
      response.resume()
      const { statusCode: status = 0, headers } = response
      response.on('end', () => resolve({ status, connection: headers.connection ?? '' }))
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

type End = 'once answered' | 'never' | 'at once'

function raw(bytes: string, { end = 'once answered' }: { end?: End } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(serving.port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (end === 'once answered') socket.end()
    })
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.on('error', reject)
    socket.write(bytes)
    if (end === 'at once') socket.end()
  })
}

test('one request more than may be in flight is 503 at once, and health still answers', async () => {
  const app = createHttp({
    isOutage: () => false,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${apiKey}`),
    routeScopes: {},
    maxInFlight: 2,
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  app.get('/slow', async (c) => {
    await finished
    return c.json({})
  })
  const slow = () => app.request('/slow', { headers: { authorization } })
  const answered = [slow(), slow()]
  const refused = await slow()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'busy' })
  expect((await app.request('/livez')).status).toBe(200)
  finish()
  expect((await Promise.all(answered)).map(({ status }) => status)).toEqual([200, 200])
  expect((await slow()).status).toBe(200)
})

test('the bound shrinks while what we need is away, for that kind of request alone, and grows again', async () => {
  const app = createHttp({
    isOutage: () => true,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${apiKey}`),
    routeScopes: {},
    maxInFlight: 32,
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  let isAway = true
  app.get('/things', async (c) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (isAway) throw new Error('away')
    return c.json({})
  })
  app.get('/others', (c) => c.json({}))
  const codes = async (count: number, path = '/things') => {
    const answers = await Promise.all(
      Array.from({ length: count }, () => app.request(path, { headers: { authorization } })),
    )
    return Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { code?: string }).code ?? 'fine'),
    )
  }
  const many = (list: string[], code: string) => list.filter((one) => one === code).length
  expect(many(await codes(32), 'temporarily_unavailable')).toBe(32)
  expect(many(await codes(32), 'busy')).toBe(24)
  expect(many(await codes(32, '/others'), 'fine')).toBe(32)
  isAway = false
  for (let round = 0; round < 30; round += 1) await codes(32)
  expect(many(await codes(32), 'fine')).toBe(32)
})
