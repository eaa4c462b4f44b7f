import { createRoute, z } from '@hono/zod-openapi'
import { beforeEach, expect, test, vi } from 'vitest'
import { body, json } from './answers.ts'
import type { AuditEntry } from './audit.ts'
import { baseEnv } from './env.ts'
import { createHttp } from './http.ts'
import { createLogger } from './logger.ts'
import { Problem } from './problem.ts'

const key = 'f3a9c17e5b20d846'
const log = createLogger({ service: 'test', level: 'silent' })

let things: Map<string, { order_id?: string; name: string; token: string }>
let entries: AuditEntry[]
let record: (entry: AuditEntry) => Promise<void>
let onWrite: () => void

beforeEach(() => {
  things = new Map([['a', { name: 'Old', token: 'abc' }]])
  entries = []
  record = async (entry) => void entries.push(entry)
  onWrite = () => {}
})

const thing = z.object({ name: z.string().max(10) })
const put = createRoute({
  method: 'put',
  path: '/admin/things/{id}',
  request: { params: z.object({ id: z.string() }), body: body(thing) },
  responses: { 200: json(thing, 'It') },
})

function open(limits: { maxInFlight?: number; maxBodyBytes?: number } = {}) {
  const app = createHttp({
    ...limits,
    isOutage: (error) => error instanceof Error && error.message === 'away',
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`alex:scopes=operate:${key},shop:scopes=orders:e2a9c17e5b20d846`),
    routeScopes: { 'PUT /admin/things/:id': ['operate'] },
    openRoutes: ['POST /webhook'],
    audit: {
      routes: {
        'PUT /admin/things/:id': async ({ params: { id = '' } }) => {
          if (id === 'gone') throw new Problem(404, 'thing_unknown', 'There is none')
          if (id === 'odd') throw new TypeError('a bug')
          if (id === 'away') throw new Error('away')
          return things.get(id) ?? null
        },
        'POST /admin/check': 'reads',
        'POST /admin/sweep': 'answer',
        'POST /admin/resolve': 'request and answer',
      },
      record: (entry) => record(entry),
    },
    checks: {},
    summary: async () => ({}),
    log,
  })
  app.openapi(put, (c) => {
    onWrite()
    const { id } = c.req.valid('param')
    things.set(id, { ...things.get(id), ...c.req.valid('json'), token: 'new' })
    return c.json(c.req.valid('json'), 200)
  })
  for (const path of ['/admin/check', '/admin/sweep', '/admin/resolve', '/webhook'])
    app.post(path, async (c) => c.json({ found: 2 }))
  app.post('/admin/replays', (c) => {
    c.set('changesNothing', true)
    return c.json({})
  })
  return (method: string, path: string, sent: unknown = {}, secret = key) => {
    const body = typeof sent === 'string' ? sent : JSON.stringify(sent)
    const headers = {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-request-id': 'request-1',
    }
    return app.request(path, { method, headers, body })
  }
}

test('a write is recorded once it is done: who, what, before and after, without secrets', async () => {
  expect((await open()('PUT', '/admin/things/a?reason=x', { name: 'New' })).status).toBe(200)
  expect(entries).toEqual([
    {
      at: expect.any(Date),
      apiKey: 'alex',
      address: null,
      method: 'PUT',
      route: '/admin/things/:id',
      path: '/admin/things/a',
      status: 200,
      code: null,
      requestId: 'request-1',
      subject: 'a',
      before: '{"name":"Old","token":"[secret]"}',
      after: '{"name":"New","token":"[secret]"}',
    },
  ])
})

test('what is about an order has its id as the subject, and what is new has nothing before', async () => {
  things.set('b', { order_id: 'o-1', name: 'B', token: '' })
  await open()('PUT', '/admin/things/b', { name: 'New' })
  await open()('PUT', '/admin/things/c%2Fd', { name: 'New' })
  expect(entries).toMatchObject([
    { subject: 'o-1' },
    { subject: 'c/d', before: null, after: '{"name":"New","token":"[secret]"}' },
  ])
})

test.each([
  ['that lacks a field', 'PUT', '/admin/things/a', {}, key, 422, 'invalid_request'],
  ['that is no JSON', 'PUT', '/admin/things/a', '{', key, 400, null],
  [
    'with a key that may not',
    'PUT',
    '/admin/things/a',
    { name: 'New' },
    'e2a9c17e5b20d846',
    403,
    'scope_missing',
  ],
] as const)('a request %s is recorded as refused', async (_, method, path, sent, secret, status, code) => {
  expect((await open()(method, path, sent, secret)).status).toBe(status)
  expect(entries).toMatchObject([{ status, code, subject: 'a', before: null, after: null }])
})

test('what changes nothing, has no valid key or no route, or is signed instead, is not recorded', async () => {
  const send = open()
  expect((await send('POST', '/admin/check')).status).toBe(200)
  expect((await send('POST', '/admin/replays')).status).toBe(200)
  expect((await send('POST', '/webhook')).status).toBe(200)
  expect((await send('PUT', '/admin/things/a', { name: 'New' }, 'wrong')).status).toBe(401)
  expect((await send('PUT', '/admin/other', { name: 'New' })).status).toBe(404)
  expect(entries).toEqual([])
})

test('where nothing was before, the answer is kept, and where it takes it the request', async () => {
  const send = open()
  await send('POST', '/admin/sweep')
  await send('POST', '/admin/resolve', { ids: ['e-1'], note: 'done' })
  expect(entries).toMatchObject([
    { subject: null, before: null, after: '{"found":2}' },
    { after: '{"request":{"ids":["e-1"],"note":"done"},"answer":{"found":2}}' },
  ])
})

test('a write that cannot be recorded is done and answered, and the log and a count say so', async () => {
  const logged = vi.spyOn(log, 'error')
  record = () => Promise.reject(new Error('no room'))
  const answer = await open()('PUT', '/admin/things/a', { name: 'New' })
  expect([answer.status, await answer.json()]).toEqual([200, { name: 'New' }])
  expect(things.get('a')?.name).toBe('New')
  expect(logged.mock.calls).toMatchObject([
    [{ apiKey: 'alex', path: '/admin/things/a', status: 200, problem: 'no room' }, expect.any(String)],
  ])
  logged.mockRestore()
})

test('the entry is there when the answer is', async () => {
  let isRecorded = false
  record = async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    isRecorded = true
  }
  await open()('PUT', '/admin/things/a', { name: 'New' })
  expect(isRecorded).toBe(true)
})

test('a state that cannot be read stops no write, and is told from nothing', async () => {
  expect((await open()('PUT', '/admin/things/odd', { name: 'New' })).status).toBe(200)
  expect((await open()('PUT', '/admin/things/gone', { name: 'New' })).status).toBe(200)
  expect(entries).toMatchObject([
    { before: '{"unreadable":true}', after: '{"unreadable":true}' },
    { before: null, after: null },
  ])
})

test('during an outage nothing is tried twice: the request is 503 at once, and no entry is attempted', async () => {
  let writes = 0
  onWrite = () => {
    writes += 1
    throw new Error('away')
  }
  const send = open()
  expect((await send('PUT', '/admin/things/away', { name: 'New' })).status).toBe(503)
  expect(writes).toBe(0)
  expect((await send('PUT', '/admin/things/a', { name: 'New' })).status).toBe(503)
  expect([writes, entries]).toEqual([1, []])
})

test('what is too long is recorded as refused, and what a busy service turns away is not', async () => {
  expect((await open({ maxBodyBytes: 10 })('PUT', '/admin/things/a', { name: 'New' })).status).toBe(413)
  expect((await open({ maxInFlight: 0 })('PUT', '/admin/things/a', { name: 'New' })).status).toBe(503)
  expect(entries).toMatchObject([{ status: 413, code: 'body_too_large', before: null }])
})

test('what our own fault ended is recorded with what it left', async () => {
  onWrite = () => {
    things.set('a', { name: 'Half', token: '' })
    throw new TypeError('a bug')
  }
  expect((await open()('PUT', '/admin/things/a', { name: 'New' })).status).toBe(500)
  expect(entries).toMatchObject([{ status: 500, after: '{"name":"Half","token":"[secret]"}' }])
})
