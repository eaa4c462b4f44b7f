import { type ServiceName, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'
import { spawnpoint } from './spawnpoint.ts'

type Entry = {
  key: string
  address: string | null
  method: string
  route: string
  path: string
  status: number
  code: string | null
  request_id: string
  subject: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ env: { API_KEYS: 'looking:scopes=read:f3a9c17e5b20d846' } })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

async function audit(service: ServiceName, query = ''): Promise<Entry[]> {
  const answer = await shop.send(service, 'GET', `/admin/audit?limit=100${query}`)
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { data: Entry[] }).data
}

test('a change of price is recorded: who, from where, what, before and after', async () => {
  const plan = { name: 'Small', amount: 1, currency: 'eur' }
  const answer = await shop.send('order', 'PUT', '/admin/plans/small', plan, { 'x-request-id': 'cheap-1' })
  expect(answer.status).toBe(200)
  const [newest] = await audit('order', '&subject=small')
  expect(newest).toMatchObject({
    key: 'local',
    address: '127.0.0.1',
    method: 'PUT',
    route: '/admin/plans/:id',
    path: '/admin/plans/small',
    status: 200,
    code: null,
    request_id: 'cheap-1',
    before: { name: 'Small', price: { amount: 999 } },
    after: { name: 'Small', price: { amount: 1 } },
  })
})

test('a refused write is recorded with its code, and neither before nor after', async () => {
  const unfit = await shop.send('order', 'PUT', '/admin/plans/small', { name: '' })
  expect(unfit.status).toBe(422)
  const forbidden = await shop.send(
    'order',
    'PUT',
    '/admin/plans/small',
    {},
    {
      authorization: 'Bearer f3a9c17e5b20d846',
    },
  )
  expect(forbidden.status).toBe(403)
  expect((await audit('order', '&subject=small')).slice(0, 2)).toMatchObject([
    { key: 'looking', status: 403, code: 'scope_missing', before: null, after: null },
    { key: 'local', status: 422, code: 'invalid_request', before: null, after: null },
  ])
})

test('a panel key never appears, only that and when it was set', async () => {
  const value = shop.panel.token
  expect((await shop.send('provisioner', 'PUT', '/admin/secrets/panel_token', { value })).status).toBe(200)
  const entries = await audit('provisioner')
  expect(entries[0]).toMatchObject({
    subject: 'panel_token',
    before: null,
    after: { name: 'panel_token', key_id: 'local' },
  })
  expect(JSON.stringify(entries)).not.toContain(value)
})

test('what changes nothing is not recorded: a check of the panel, a dry run', async () => {
  expect((await shop.send('provisioner', 'POST', '/admin/panel/check')).status).toBe(200)
  const dry = { stream: 'BILLING', dry_run: true }
  expect((await shop.send('order', 'POST', '/admin/replays', dry)).status).toBe(202)
  const routes = [...(await audit('provisioner')), ...(await audit('order'))].map(({ route }) => route)
  expect(routes).not.toContain('/admin/panel/check')
  expect(routes).not.toContain('/admin/replays')
})

test('every route that changes something is recorded, also what it refuses', async () => {
  const missing: string[] = []
  for (const service of serviceNames) {
    const paths = await writesOf(service)
    expect(paths.length).toBeGreaterThan(5)
    for (const [method, path] of paths) {
      const request_id = `each-${method}-${path.replace(/[^\w]+/g, '-')}`.slice(0, 64)
      const sent = await shop.send(
        service,
        method,
        path.replace(/\{\w+\}/g, '0'),
        { nothing: true },
        {
          'x-request-id': request_id,
        },
      )
      const entry = (await audit(service)).find((one) => one.request_id === request_id)
      if (entry?.method !== method || entry.status !== sent.status)
        missing.push(`${service} ${method} ${path}`)
    }
  }
  expect(missing).toEqual(['order POST /admin/customers/find', 'provisioner POST /admin/panel/check'])
}, 60_000)

test('the operator reads what was done with an order at all services', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  await shop.instruct(id, 'rename', { server_name: 'Castle' })
  const { code, stdout } = await spawnpoint(shop, 'audit', '--order', id)
  expect(code).toBe(0)
  const lines = stdout.trim().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toMatch(
    / order +local +127\.0\.0\.1 +POST \/admin\/orders\/\S+\/rename +200 +.*server_name "Home" → "Castle"/,
  )
  expect(lines[2]).toMatch(/ order +local +127\.0\.0\.1 +POST \/orders +201 /)
  const all = await spawnpoint(shop, 'audit', '--since', '1h', '--json')
  const found = (JSON.parse(all.stdout) as { audit: { service: string; at: string }[] }).audit
  expect(new Set(found.map(({ service }) => service))).toEqual(new Set(serviceNames))
  expect(found.map(({ at }) => at)).toEqual(
    found
      .map(({ at }) => at)
      .sort()
      .reverse(),
  )
})

async function writesOf(service: ServiceName): Promise<[method: string, path: string][]> {
  const { paths } = (await (await shop.send(service, 'GET', '/openapi.json')).json()) as {
    paths: Record<string, object>
  }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .map((method) => method.toUpperCase())
      .filter((method) => method !== 'GET')
      .map((method): [string, string] => [method, path]),
  )
}
