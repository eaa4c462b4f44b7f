import { afterEach, expect, test } from 'vitest'
import { baseEnv, createHttp, createLogger, type Serving, serveHttp } from '../src/index.ts'

const apiKey = 'f3a9c17e5b20d846'
let serving: Serving | undefined

afterEach(() => serving?.stop())

test('routes of operators are on the admin port alone, with everything else', async () => {
  serving = await serveHttp(routes(), { port: 0, host: '127.0.0.1', adminPort: 0 })
  const statuses = async (port: number | null) =>
    await Promise.all(
      [
        '/orders',
        '/admin/plans',
        '/%61dmin/plans',
        '/admin',
        '/metrics',
        '/servers/1',
        '/health',
        '/administer',
      ].map(async (path) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          headers: { authorization: `Bearer ${apiKey}` },
        })
        const { code } = answer.status === 404 ? ((await answer.json()) as { code: string }) : { code: '' }
        return `${path} ${code || answer.status}`
      }),
    )
  expect(await statuses(serving.port)).toEqual([
    '/orders 200',
    '/admin/plans admin_port',
    '/%61dmin/plans admin_port',
    '/admin admin_port',
    '/metrics admin_port',
    '/servers/1 admin_port',
    '/health 200',
    '/administer route_not_found',
  ])
  expect(await statuses(serving.adminPort)).toEqual([
    '/orders 200',
    '/admin/plans 200',
    '/%61dmin/plans 200',
    '/admin route_not_found',
    '/metrics 200',
    '/servers/1 200',
    '/health 200',
    '/administer route_not_found',
  ])
})

test('without an admin port all routes are on the one', async () => {
  serving = await serveHttp(routes(), { port: 0 })
  expect(serving.adminPort).toBeNull()
  const answer = await fetch(`http://127.0.0.1:${serving.port}/admin/plans`, {
    headers: { authorization: `Bearer ${apiKey}` },
  })
  expect(answer.status).toBe(200)
})

function routes() {
  const app = createHttp({
    isOutage: () => false,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${apiKey}`),
    routeScopes: {},
    checks: {},
    summary: async () => ({}),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  for (const path of ['/orders', '/admin/plans', '/servers/:id']) app.get(path, (c) => c.json({}))
  return app
}
