import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'
import { spawnpoint } from './spawnpoint.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a replay restores an order whose rows were deleted, with its existing server', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  const before = await shop.becomes(id, 'provisioned')
  await forgetPayment(id)

  const dry = await spawnpoint(
    shop,
    'replay',
    '--service',
    'order',
    '--stream',
    'BILLING',
    '--order',
    id,
    '--dry-run',
  )
  expect(dry.code).toBe(0)
  expect(dry.stdout).toMatch(/payment\.succeeded +done +status pending → paid; billing_status unpaid → paid/)
  // Deciding again makes the same event, which was published long ago.
  expect(dry.stdout).not.toContain('publishes')
  expect(dry.stderr).toContain('1 read')
  expect(await shop.orderOf(id)).toMatchObject({ status: 'pending' })

  expect(await replay('BILLING', id)).toMatchObject({ replay: { state: 'done', counts: { done: 1 } } })
  await shop.becomes(id, 'paid')
  expect(await replay('SERVER', id)).toMatchObject({ replay: { state: 'done' } })
  expect(await shop.becomes(id, 'provisioned')).toMatchObject({ ptero_identifier: before.ptero_identifier })
  expect(shop.serversOf(id)).toHaveLength(1)
  expect(await replay('BILLING', id)).toMatchObject({ replay: { counts: { skipped: 1 } } })
})

test('a replay of its own stream republishes nothing that is still there', async () => {
  const { code, stdout } = await spawnpoint(
    shop,
    'replay',
    '--service',
    'order',
    '--stream',
    'ORDER',
    '--yes',
    '--json',
  )
  expect(code).toBe(0)
  const { replay } = JSON.parse(stdout) as { replay: { kind: string; counts: Record<string, number> } }
  expect(replay).toMatchObject({ kind: 'republish' })
  expect(Object.keys(replay.counts)).toEqual(['skipped'])
})

test('the operator sees every healthy service and every started replay', async () => {
  const status = await spawnpoint(shop, 'status')
  expect(status).toMatchObject({ code: 0, stderr: '' })
  expect(status.stdout.match(/healthy/g)).toHaveLength(3)
  const list = await spawnpoint(shop, 'replays', 'list', '--json')
  const { replays } = JSON.parse(list.stdout) as { replays: { service: string; state: string }[] }
  expect(replays.length).toBeGreaterThanOrEqual(3)
  expect(replays.every(({ service, state }) => service === 'order' && state === 'done')).toBe(true)
})

async function replay(stream: string, order: string): Promise<unknown> {
  const args = ['--service', 'order', '--stream', stream, '--order', order, '--yes', '--json']
  const { code, stdout, stderr } = await spawnpoint(shop, 'replay', ...args)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

/** The accident: the order is as it was before it was paid, and nothing shows that the payment was ever processed. */
async function forgetPayment(orderId: string): Promise<void> {
  const { orders } = shop.stack.databases
  await inMysql(
    orders,
    `UPDATE orders SET status = 'pending', billing_status = 'unpaid', desired = 'none', version = 1, payment_id = NULL,
      payment_version = 0, charge = NULL, money = NULL, wanted = NULL, server_version = 0, server_status = NULL, ptero_server_id = NULL, ptero_identifier = NULL
     WHERE id = ?`,
    [orderId],
  )
  await inMysql(orders, "DELETE FROM inbox WHERE type LIKE 'payment.%' OR type LIKE 'server.%'")
}
