import { expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const refund = (id: string, changes: object = {}) => ({
  refund_request_id: id,
  order_id: 'o-1',
  payment_id: 'cs_1',
  amount: { amount: 999, currency: 'eur' },
  reason: 'No place was found.',
  status: 'waiting',
  note: null,
  error: null,
  ...changes,
})

test('refunds are listed page by page, with their details', async () => {
  await using service = await startFakeService(({ path }) =>
    path.includes('starting_after=a')
      ? { body: { data: [refund('b', { status: 'failed', error: 'No funds.' })], next_cursor: null } }
      : { body: { data: [refund('a')], next_cursor: 'a' } },
  )
  const { code, stdout } = await run(['refunds', 'list', '--status', 'waiting', '--url', service.url])
  expect({ code, lines: stdout.split('\n').map((line) => line.split(/ {2,}/)) }).toEqual({
    code: 0,
    lines: [
      ['refund', 'status', 'amount', 'payment', 'order', 'note'],
      ['a', 'waiting', '999 eur', 'cs_1', 'o-1', 'No place was found.'],
      ['b', 'failed', '999 eur', 'cs_1', 'o-1', 'No funds.'],
      [''],
    ],
  })
  expect(service.asked[0]?.path).toBe('/admin/refunds?limit=100&status=waiting')
})

test('refunds are approved and refused by their ids', async () => {
  await using service = await startFakeService(({ path }) => ({
    body: refund('a', { status: path.endsWith('approve') ? 'approved' : 'refused' }),
  }))
  const approved = await run(['refunds', 'approve', 'a', 'b', '--json', '--url', service.url])
  expect(approved).toMatchObject({ code: 0, stderr: 'Refund a is approved.\nRefund b is approved.\n' })
  expect(JSON.parse(approved.stdout).refunds).toHaveLength(2)
  await run(['refunds', 'refuse', 'c', '--reason', 'Paid in cash', '--url', service.url])
  expect(service.asked.at(-1)).toMatchObject({
    path: '/admin/refunds/c/refuse',
    body: { reason: 'Paid in cash' },
  })
  expect(await run(['refunds', 'refuse', 'c', '--url', service.url])).toMatchObject({ code: 2 })
})

test('catch-up waits for the comparison with Stripe and prints what it found', async () => {
  const report = { events: { looked_at: 12, missing: 3, changed: 0, unreadable: 0 } }
  let looks = 0
  await using service = await startFakeService(({ method }) => {
    if (method === 'POST') return { status: 202, body: { asked: true } }
    looks += 1
    return { body: { is_over: looks > 2, finished_at: null, error: null, report } }
  })
  const { code, stdout, stderr } = await run(['catch-up', '--url', service.url])
  expect(code).toBe(0)
  expect(stderr).toMatch(
    /^3 were not known, and are now taken in\.\n.*3 of Stripe's events.*webhooks do not arrive/,
  )
  expect(stdout.split('\n')[1]?.split(/ {2,}/)).toEqual(['events', '12', '3', '0', '0'])
})

test('a comparison that did not finish fails and prints the reason', async () => {
  await using service = await startFakeService(() => ({
    body: { is_over: true, finished_at: null, error: 'Stripe is away', report: {} },
  }))
  const { code, stderr } = await run(['catch-up', '--url', service.url])
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Stripe is away') })
})
