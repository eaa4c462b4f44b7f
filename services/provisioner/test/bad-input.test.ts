import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

const spec = { ptero_egg_id: 1, limits: { memory: 1024, disk: 1024 } }
const long = 'x'.repeat(100_000)
const provision = '/api/servers/provision'

let seller: Seller

beforeAll(async () => {
  seller = await openSeller()
  await seller.sell(
    paidOrder('unpaid', { desired: 'none', status: 'pending', billing_status: 'unpaid' }),
    'order.placed',
  )
  await seller.sell(
    paidOrder('held', { desired: 'none', status: 'error', billing_status: 'paid' }),
    'order.changed',
  )
  await eventually(() => seller.serverOf('held'))
  await eventually(() => seller.serverOf('unpaid'))
})

afterAll(() => seller?.[Symbol.asyncDispose]())

type Case = [what: string, call: [method: string, path: string, body?: unknown], status: number, code: string]

const cases: Case[] = [
  ['an order nobody heard of', ['POST', provision, { order_id: 'none' }], 404, 'order_unknown'],
  ['an order that is not paid', ['POST', provision, { order_id: 'unpaid' }], 409, 'order_unpaid'],
  ['an order that is held', ['POST', provision, { order_id: 'held' }], 409, 'order_not_running'],
  ['no order', ['POST', provision, {}], 422, 'invalid_request'],
  ['an order id of another type', ['POST', provision, { order_id: 7 }], 422, 'invalid_request'],
  [
    'an order id of 192 characters',
    ['POST', provision, { order_id: 'x'.repeat(192) }],
    422,
    'invalid_request',
  ],
  ['an order id outside ASCII', ['POST', provision, { order_id: 'örder 😀' }], 422, 'invalid_request'],
  ['an order id with a NUL', ['POST', provision, { order_id: 'a\0' }], 422, 'invalid_request'],
  ['a field too many', ['POST', provision, { order_id: 'none', force: true }], 422, 'invalid_request'],
  ['a list instead of an object', ['POST', provision, []], 422, 'invalid_request'],
  ['100 KB of order id', ['POST', provision, { order_id: long }], 413, 'body_too_large'],
  ['a server nobody heard of', ['GET', '/servers/none'], 404, 'order_unknown'],
  ['a server id outside ASCII', ['GET', `/servers/${encodeURIComponent('😀')}`], 422, 'invalid_request'],
  ['a server id of 10 KB', ['GET', `/servers/${long.slice(0, 10_000)}`], 422, 'invalid_request'],
  ['a list of no servers', ['GET', '/servers?limit=0'], 422, 'invalid_request'],
  ['a list of too many servers', ['GET', '/servers?limit=101'], 422, 'invalid_request'],
  ['a status that does not exist', ['GET', '/servers?status=lost'], 422, 'invalid_request'],
  ['a plan that was never set', ['GET', '/admin/plan-specs/none'], 404, 'plan_unknown'],
  ['a plan without limits', ['PUT', '/admin/plan-specs/bad', { ptero_egg_id: 1 }], 422, 'invalid_request'],
  ['an egg of 0', ['PUT', '/admin/plan-specs/bad', { ...spec, ptero_egg_id: 0 }], 422, 'invalid_request'],
  [
    'an egg beyond INT',
    ['PUT', '/admin/plan-specs/bad', { ...spec, ptero_egg_id: 2 ** 31 }],
    422,
    'invalid_request',
  ],
  [
    'memory below 0',
    ['PUT', '/admin/plan-specs/bad', { ...spec, limits: { memory: -1, disk: 1 } }],
    422,
    'invalid_request',
  ],
  [
    'half a MiB',
    ['PUT', '/admin/plan-specs/bad', { ...spec, limits: { memory: 0.5, disk: 1 } }],
    422,
    'invalid_request',
  ],
  [
    'memory beyond INT',
    ['PUT', '/admin/plan-specs/bad', { ...spec, limits: { memory: 2 ** 31, disk: 1 } }],
    422,
    'invalid_request',
  ],
  [
    'a variable that is a number',
    ['PUT', '/admin/plan-specs/bad', { ...spec, environment: { A: 1 } }],
    422,
    'invalid_request',
  ],
  ['a misspelt field', ['PUT', '/admin/plan-specs/bad', { ...spec, enviroment: {} }], 422, 'invalid_request'],
  ['a plan name with a blank', ['PUT', '/admin/plan-specs/a%20b', spec], 422, 'invalid_request'],
  ['100 KB of startup', ['PUT', '/admin/plan-specs/bad', { ...spec, startup: long }], 413, 'body_too_large'],
  ['a node of 0', ['PUT', '/admin/region-nodes/bad', { nodes: [0] }], 422, 'invalid_request'],
  ['a node beyond INT', ['PUT', '/admin/region-nodes/bad', { nodes: [2 ** 31] }], 422, 'invalid_request'],
  ['a node by name', ['PUT', '/admin/region-nodes/bad', { nodes: ['fra-1'] }], 422, 'invalid_request'],
  [
    'a weight below 0',
    ['PUT', '/admin/region-nodes/bad', { nodes: [{ node_id: 1, weight: -1 }] }],
    422,
    'invalid_request',
  ],
  [
    'a node twice',
    ['PUT', '/admin/region-nodes/bad', { nodes: [1, { node_id: 1, weight: 2 }] }],
    422,
    'invalid_request',
  ],
  ['no nodes', ['PUT', '/admin/region-nodes/bad', {}], 422, 'invalid_request'],
  ['a secret without a value', ['PUT', '/admin/secrets/panel_token', {}], 422, 'invalid_request'],
  ['an empty secret', ['PUT', '/admin/secrets/panel_token', { value: '' }], 422, 'invalid_request'],
  [
    'a secret of 9 KB',
    ['PUT', '/admin/secrets/panel_token', { value: long.slice(0, 9_000) }],
    422,
    'invalid_request',
  ],
  [
    'a key with a line break',
    ['PUT', '/admin/secrets/panel_token', { value: 'ptla_1\nnext' }],
    422,
    'invalid_request',
  ],
  ['a key outside ASCII', ['PUT', '/admin/secrets/panel_token', { value: 'ptla_é' }], 422, 'invalid_request'],
  ['a secret of a bad name', ['PUT', '/admin/secrets/a%2Fb', { value: 'x' }], 422, 'invalid_request'],
  [
    'a secret without a key to keep it',
    ['PUT', '/admin/secrets/panel_token', { value: 'x' }],
    409,
    'no_encryption_key',
  ],
  ['another method', ['DELETE', provision], 405, 'method_not_allowed'],
  ['another path', ['GET', '/nothing'], 404, 'route_not_found'],
]

test.each(cases)('%s is refused', async (_, [method, path, body], status, code) => {
  await refused(await seller.send(method, path, body), status, code)
})

const routes: [method: string, path: string, body?: unknown][] = [
  ['POST', provision, { order_id: 'unpaid' }],
  ['GET', '/servers/unpaid'],
  ['GET', '/servers'],
  ['PUT', '/admin/plan-specs/bad', spec],
  ['GET', '/admin/plan-specs/small'],
  ['PUT', '/admin/region-nodes/bad', { nodes: [1] }],
  ['PUT', '/admin/secrets/panel_token', { value: 'x' }],
  ['GET', '/admin/secrets'],
]

test.each(routes)('%s %s needs the right API key', async (method, path, body) => {
  const call = (authorization?: string) =>
    fetch(seller.url() + path, {
      method,
      headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
      body: body === undefined ? null : JSON.stringify(body),
    })
  await refused(await call(), 401, 'api_key_missing')
  await refused(await call('Basic dGVzdDp0ZXN0'), 401, 'api_key_missing')
  await refused(await call('Bearer test-secret-0123456788'), 401, 'api_key_unknown')
})

test.each(routes.filter(([, , body]) => body !== undefined))(
  '%s %s takes JSON only',
  async (method, path) => {
    const call = (type: string, body: string) =>
      fetch(seller.url() + path, {
        method,
        headers: { 'content-type': type, authorization: `Bearer ${seller.apiKey}` },
        body,
      })
    await refused(await call('application/json', '{"order_id":'), 400, 'malformed_request')
    await refused(await call('application/json', ''), 400, 'malformed_request')
    await refused(await call('text/plain', '{}'), 415, 'not_json')
  },
)

test('an unknown order can be replayed, and the response says how', async () => {
  const answer = await seller.send('POST', provision, { order_id: 'none' })
  expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/replay/i) })
})

test('nothing that was refused has left a trace', async () => {
  expect(await seller.prisma.planSpec.findMany()).toMatchObject([{ plan: 'small' }])
  expect(await seller.prisma.regionNode.count({ where: { region: { not: 'eu' } } })).toBe(0)
  expect(await seller.prisma.secret.count()).toBe(0)
  expect(await seller.prisma.server.count({ where: { nextAttemptAt: { not: null } } })).toBe(0)
  expect(seller.panel.state().servers).toEqual([])
})

async function refused(response: Response, status: number, code: string): Promise<void> {
  const problem = (await response.json()) as Record<string, unknown>
  expect(problem).toMatchObject({
    status,
    code,
    title: code.replaceAll('_', ' '),
    detail: expect.any(String),
  })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('x-request-id')).toBe(problem.request_id)
}
