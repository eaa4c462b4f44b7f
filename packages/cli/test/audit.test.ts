import { expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const entry = {
  seq: 1,
  at: '2026-11-30T10:00:00.000Z',
  key: 'alex',
  address: '192.0.2.7',
  method: 'PUT',
  route: '/admin/plans/:id',
  path: '/admin/plans/small',
  status: 200,
  code: null,
  request_id: 'r-1',
  subject: 'small',
  before: { name: 'Small', amount: 999 },
  after: { name: 'Small', amount: 1 },
}
const page = (...data: object[]) => ({ body: { data, has_more: false, next_cursor: null } })

test('what was changed is listed over all services and all pages, newest first, with the fields that differ', async () => {
  await using order = await startFakeService(({ path }) =>
    path.includes('starting_after=1')
      ? page({
          ...entry,
          at: '2026-11-30T08:00:00.000Z',
          status: 403,
          code: 'scope_missing',
          before: null,
          after: null,
        })
      : { body: { data: [entry], has_more: true, next_cursor: '1' } },
  )
  await using provisioner = await startFakeService(() =>
    page({
      ...entry,
      at: '2026-11-30T09:00:00.000Z',
      address: null,
      method: 'DELETE',
      path: '/admin/panels/fra',
      status: 204,
      after: null,
    }),
  )
  await using gateway = await startFakeService(() =>
    page({
      ...entry,
      at: '2026-11-30T11:00:00.000Z',
      method: 'POST',
      path: '/admin/catch-up',
      status: 202,
      before: null,
      after: { asked: true },
    }),
  )
  const { code, stdout } = await run(['audit', '--since', '2026-11-29', '--order', 'o 1', '--key', 'alex'], {
    SPAWNPOINT_ORDER_URL: order.url,
    SPAWNPOINT_PROVISIONER_URL: provisioner.url,
    SPAWNPOINT_BILLING_GATEWAY_URL: gateway.url,
  })
  expect({
    code,
    lines: stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  }).toEqual({
    code: 0,
    lines: [
      ['at (UTC)', 'service', 'key', 'from', 'what', 'result', 'changed'],
      [
        '2026-11-30 11:00:00',
        'billing-gateway',
        'alex',
        '192.0.2.7',
        'POST /admin/catch-up',
        '202',
        '→ {"asked":true}',
      ],
      [
        '2026-11-30 10:00:00',
        'order',
        'alex',
        '192.0.2.7',
        'PUT /admin/plans/small',
        '200',
        'amount 999 → 1',
      ],
      ['2026-11-30 09:00:00', 'provisioner', 'alex', '–', 'DELETE /admin/panels/fra', '204', 'removed'],
      ['2026-11-30 08:00:00', 'order', 'alex', '192.0.2.7', 'PUT /admin/plans/small', 'scope_missing'],
    ],
  })
  expect(order.asked[0]?.path).toBe(
    '/admin/audit?since=2026-11-29T00%3A00%3A00.000Z&limit=100&subject=o+1&key=alex',
  )
})

test('as JSON it has what was before and after', async () => {
  await using service = await startFakeService(() => page(entry))
  const { stdout } = await run(['audit', '--service', 'order', '--url', service.url, '--json'])
  expect(JSON.parse(stdout)).toEqual({ audit: [{ service: 'order', ...entry }] })
})

test('a service that does not know the key says so in the status', async () => {
  await using service = await startFakeService(() => ({
    status: 401,
    body: { code: 'api_key_unknown', detail: 'This API key is not one of API_KEYS.' },
  }))
  const { code, stdout } = await run(['status', '--url', service.url])
  expect(code).toBe(3)
  expect(stdout).toContain('order refused (api_key_unknown): This API key is not one of API_KEYS.')
})
