import { randomUUID } from 'node:crypto'
import { scopes } from '@spawnpoint/service-kit'
import { type ServiceName, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

const secretOf = (name: string) => `${name}-f3a9c17e5b20d846`
const keys = [
  ...scopes.map((scope) => `${scope}:scopes=${scope}:${secretOf(scope)}`),
  `shop-b:scopes=orders:${secretOf('shop-b')}`,
  `old:scopes=read:expires=2026-01-31:${secretOf('old')}`,
]

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ env: { API_KEYS: keys.join(',') } })
})

afterAll(() => shop[Symbol.asyncDispose]())

/** Which scopes let a key in. */
const table = `
billing-gateway GET /admin/audit: read operate
billing-gateway GET /admin/catch-up: read operate
billing-gateway GET /admin/dead-letters: read operate
billing-gateway GET /admin/refunds: read refunds
billing-gateway GET /admin/replays/{id}/findings: read operate
billing-gateway GET /admin/replays/{id}: read operate
billing-gateway GET /admin/replays: read operate
billing-gateway GET /admin/stripe-events: read operate
billing-gateway GET /metrics: read
billing-gateway POST /admin/catch-up: operate
billing-gateway POST /admin/customers/export: operate
billing-gateway POST /admin/customers/forget: operate
billing-gateway POST /admin/dead-letters/redrive: operate
billing-gateway POST /admin/dead-letters/resolve: operate
billing-gateway POST /admin/refunds/{id}/approve: refunds
billing-gateway POST /admin/refunds/{id}/refuse: refunds
billing-gateway POST /admin/replays/{id}/abort: operate
billing-gateway POST /admin/replays/{id}/resume: operate
billing-gateway POST /admin/replays: operate
billing-gateway POST /admin/stripe-events/{event_id}/retry: operate
order DELETE /orders/{id}/cancel: orders operate
order GET /admin/audit: read operate
order GET /admin/dead-letters: read operate
order GET /admin/differences: read operate
order GET /admin/replays/{id}/findings: read operate
order GET /admin/replays/{id}: read operate
order GET /admin/replays: read operate
order GET /availability: orders catalogue read
order GET /metrics: read
order GET /orders/{id}: orders read
order GET /orders: orders read
order GET /plans: orders catalogue read operate refunds panels
order POST /admin/customers/export: operate
order POST /admin/customers/find: operate
order POST /admin/customers/forget: operate
order POST /admin/dead-letters/redrive: operate
order POST /admin/dead-letters/resolve: operate
order POST /admin/differences/{id}/ignore: operate
order POST /admin/differences/{id}/repair: operate
order POST /admin/orders/{id}/change-owner: operate
order POST /admin/orders/{id}/change-plan: operate
order POST /admin/orders/{id}/change-region: operate
order POST /admin/orders/{id}/decide: operate
order POST /admin/orders/{id}/rename: operate
order POST /admin/orders/{id}/resume: operate
order POST /admin/orders/{id}/set-subscription: operate
order POST /admin/orders/{id}/suspend: operate
order POST /admin/orders/{id}/terminate: operate
order POST /admin/reconcile: operate
order POST /admin/replays/{id}/abort: operate
order POST /admin/replays/{id}/resume: operate
order POST /admin/replays: operate
order POST /orders/{id}/cancel: orders operate
order POST /orders/{id}/plan: orders operate
order POST /orders/{id}/renew: orders operate
order POST /orders: orders
order PUT /admin/plans/{id}: catalogue
order PUT /admin/regions/{id}: catalogue
provisioner DELETE /admin/panels/{panel}: panels
provisioner DELETE /admin/secrets/{name}: panels
provisioner GET /admin/audit: read operate
provisioner GET /admin/dead-letters: read operate
provisioner GET /admin/drifts: read operate
provisioner GET /admin/panels/{panel}: read panels
provisioner GET /admin/panels: read panels
provisioner GET /admin/plan-specs/{plan}: catalogue read
provisioner GET /admin/replays/{id}/findings: read operate
provisioner GET /admin/replays/{id}: read operate
provisioner GET /admin/replays: read operate
provisioner GET /admin/secrets: read panels
provisioner GET /metrics: read
provisioner GET /servers/{order_id}: read operate
provisioner GET /servers: read operate
provisioner POST /admin/customers/export: operate
provisioner POST /admin/customers/forget: operate
provisioner POST /admin/dead-letters/redrive: operate
provisioner POST /admin/dead-letters/resolve: operate
provisioner POST /admin/drifts/sweep: operate
provisioner POST /admin/drifts/{id}/ignore: operate
provisioner POST /admin/drifts/{id}/repair: operate
provisioner POST /admin/panel/check: operate panels
provisioner POST /admin/replays/{id}/abort: operate
provisioner POST /admin/replays/{id}/resume: operate
provisioner POST /admin/replays: operate
provisioner POST /admin/secrets/rotate: panels
provisioner POST /api/servers/provision: operate
provisioner PUT /admin/panels/{panel}: panels
provisioner PUT /admin/plan-specs/{plan}: catalogue
provisioner PUT /admin/region-nodes/{region}: catalogue
provisioner PUT /admin/secrets/{name}: panels
`

test('each route takes the keys of its scopes and no other', async () => {
  const lines: string[] = []
  for (const service of serviceNames)
    for (const [method, path] of await routesOf(service)) {
      const able = await Promise.all(
        scopes.map(async (scope) => await isLetIn(service, { method, path, scope })),
      )
      lines.push(`${service} ${method} ${path}: ${scopes.filter((_, index) => able[index]).join(' ')}`)
    }
  expect(lines.sort().join('\n')).toBe(table.trim())
}, 60_000)

test('no answer may be kept by what is between a service and its caller', async () => {
  const cacheable: string[] = []
  const seen = new Set<number>()
  const undocumented = ['/livez', '/readyz', '/health', '/openapi.json', '/metrics', '/nothing'] as const
  for (const service of serviceNames) {
    const routes = [
      ...(await routesOf(service)),
      ...undocumented.map((path) => ['GET', path] as const),
      ['POST', '/webhooks/stripe'] as const,
    ]
    for (const [method, path] of routes)
      for (const scope of [null, ...scopes]) {
        const { status, headers } = await ask(service, { method, path, scope })
        seen.add(status)
        if (headers.get('cache-control') !== 'no-store')
          cacheable.push(`${service} ${method} ${path}: ${status}`)
      }
  }
  expect(cacheable).toEqual([])
  expect([...seen].sort()).toEqual(expect.arrayContaining([200, 401, 403, 404, 422]))
}, 60_000)

test("a shop's key sees and changes the orders that it placed, and no others", async () => {
  const mine = await place('orders')
  const theirs = await place('shop-b')
  const seen = async (name: string) => {
    const { data } = (await (await send(name, 'GET', '/orders?limit=100')).json()) as {
      data: { id: string }[]
    }
    return data.map(({ id }) => id).sort()
  }
  expect(await seen('orders')).toEqual([mine])
  expect(await seen('shop-b')).toEqual([theirs])
  expect(await seen('read')).toEqual([mine, theirs].sort())
  expect((await send('orders', 'GET', `/orders/${mine}`)).status).toBe(200)
  const others: [string, string, object?][] = [
    ['GET', `/orders/${theirs}`],
    ['POST', `/orders/${theirs}/cancel`, { when: 'now' }],
    ['DELETE', `/orders/${theirs}/cancel`],
    ['POST', `/orders/${theirs}/plan`, { plan: 'small' }],
    ['POST', `/orders/${theirs}/renew`, {}],
  ]
  for (const [method, path, body] of others) {
    const refused = await send('orders', method, path, body)
    expect([refused.status, await refused.json()], path).toMatchObject([404, { code: 'order_not_found' }])
  }
  expect((await send('shop-b', 'POST', `/orders/${theirs}/cancel`, { when: 'now' })).status).toBe(200)
})

test.each(['é', '%EF%BF%BD', '%E2%80%AE', '%F0%9F%92%A5', 'x'.repeat(200), "'%20OR%201%3D1%20--"])(
  "an id that no order can have, such as %s, is no order of a shop's key, whatever it wants of it",
  async (id) => {
    for (const [method, path] of [
      ['GET', `/orders/${id}`],
      ['POST', `/orders/${id}/cancel`],
      ['DELETE', `/orders/${id}/cancel`],
      ['OPTIONS', `/orders/${id}`],
      ['PROPFIND', `/orders/${id}`],
    ] as const) {
      const answer = await send('shop-b', method, path)
      expect([answer.status, await answer.json()], method).toMatchObject([404, { code: 'order_not_found' }])
    }
  },
)

test('a key that has expired, or lacks a scope, is told so', async () => {
  const expired = await send('old', 'GET', '/orders')
  expect([expired.status, await expired.json()]).toMatchObject([
    401,
    { code: 'api_key_expired', detail: expect.stringContaining('expired on 2026-01-31') },
  ])
  const lacking = await send('orders', 'PUT', '/admin/plans/small', {
    name: 'Free',
    amount: 1,
    currency: 'eur',
  })
  expect([lacking.status, await lacking.json()]).toMatchObject([
    403,
    { code: 'scope_missing', detail: 'The API key orders lacks `catalogue`: see its entry in API_KEYS.' },
  ])
})

function send(name: string, method: string, path: string, body?: object, headers = {}): Promise<Response> {
  return shop.send('order', method, path, body, { authorization: `Bearer ${secretOf(name)}`, ...headers })
}

async function place(name: string): Promise<string> {
  const customer = { email: `${name}@example.com`, name }
  const body = { plan: 'small', region: 'eu', customer, server_name: 'A server' }
  const placed = await send(name, 'POST', '/orders', body, { 'idempotency-key': randomUUID() })
  return ((await placed.json()) as { id: string }).id
}

async function routesOf(service: ServiceName): Promise<[method: string, path: string][]> {
  const { paths } = (await (await shop.send(service, 'GET', '/openapi.json')).json()) as {
    paths: Record<string, object>
  }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method): [string, string] => [method.toUpperCase(), path]),
  )
}

/** Whether the key gets past its scopes: what is asked then does not fit, or is not there. */
async function isLetIn(service: ServiceName, call: Asked): Promise<boolean> {
  const answer = await ask(service, call)
  expect(answer.status, `${call.method} ${call.path}`).toBeLessThan(500)
  return answer.status !== 403
}

type Asked = { method: string; path: string; scope: string | null }

async function ask(service: ServiceName, { method, path, scope }: Asked): Promise<Response> {
  return await shop.send(
    service,
    method,
    path.replace(/\{\w+\}/g, '0'),
    method === 'GET' ? undefined : { nothing: true },
    { authorization: scope === null ? '' : `Bearer ${secretOf(scope)}` },
  )
}
