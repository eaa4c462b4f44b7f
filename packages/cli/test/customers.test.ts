import { expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const subject = { order_ids: ['o-1'], payment_ids: [], subscription_ids: [], persons: [] }
const nothing = { blockers: [], erased: {}, unpublished: 0, next: null, remains: [] }

function at(url: string): Record<string, string> {
  return {
    SPAWNPOINT_ORDER_URL: url,
    SPAWNPOINT_PROVISIONER_URL: url,
    SPAWNPOINT_BILLING_GATEWAY_URL: url,
  }
}

test('all parts of a service are erased, and asked for again until its events are published', async () => {
  let published = false
  await using service = await startFakeService(({ path, body }) => {
    if (path.endsWith('/find')) return { body: subject }
    const { cursor, dry_run } = body as { cursor: string | null; dry_run: boolean }
    if (dry_run) return { body: nothing }
    const first = { ...nothing, erased: { stripe_event: 2 }, unpublished: published ? 0 : 1, next: '2000' }
    if (cursor !== null) published = true
    return { body: cursor === null ? first : { ...nothing, erased: { stripe_event: 3 } } }
  })
  const { code, stdout } = await run(['customers', 'forget', 'a@example.com', '--yes'], at(service.url))
  expect(code).toBe(0)
  // The first service was asked for its two parts twice, the others once.
  expect(stdout).toContain('billing-gateway  10 stripe_event')
  expect(stdout).toContain('order            5 stripe_event')
})

test('without --yes, and with nobody to ask, nothing is changed', async () => {
  await using service = await startFakeService(({ path }) => ({
    body: path.endsWith('/find') ? subject : { ...nothing, erased: { orders: 1 } },
  }))
  const { code, stderr } = await run(['customers', 'forget', 'a@example.com'], at(service.url))
  expect(code).toBe(0)
  expect(stderr).toContain('Nothing was changed. Add --yes to do it.')
  expect(service.asked.every(({ body }) => (body as { dry_run?: boolean }).dry_run !== false)).toBe(true)
  // An address is in no path, which proxies log.
  expect(service.asked.some(({ path }) => path.includes('example'))).toBe(false)
})

test('a customer who is still needed is refused with each reason and what ends it', async () => {
  const blockers = [{ record: 'Order o-1', why: 'it is provisioned', next: 'End it first.' }]
  await using service = await startFakeService(({ path }) => ({
    body: path.endsWith('/find') ? subject : { ...nothing, blockers },
  }))
  const { code, stderr } = await run(['customers', 'forget', 'a@example.com', '--yes'], at(service.url))
  expect(code).toBe(1)
  expect(stderr).toContain('Order o-1: it is provisioned. End it first.')
  expect(stderr).toContain('nothing was erased')
  expect(service.asked.every(({ body }) => (body as { dry_run?: boolean }).dry_run !== false)).toBe(true)
})
