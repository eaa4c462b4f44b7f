import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.02 })
}, 120_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

test('payments that the order service never processed get their servers within minutes without an operator', async () => {
  const orders = [await shop.placeOrder(), await shop.placeOrder()]
  const { order } = shop.stack.services
  await order.stop()
  for (const { checkoutUrl } of orders) await shop.pay(checkoutUrl)
  const lost = await eventually(async () => {
    const published = await inMysql(
      shop.stack.databases.billing,
      "SELECT event_id FROM outbox WHERE subject = 'payment.succeeded' AND published_at IS NOT NULL",
    )
    expect(published).toHaveLength(2)
    return published as { event_id: string }[]
  })
  // As if each had been processed: it is dropped as known.
  for (const { event_id } of lost)
    await inMysql(
      shop.stack.databases.orders,
      `INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
       VALUES (?, 'order-billing', ?, 'payment.succeeded', UTC_TIMESTAMP(3), 'done')`,
      [event_id, event_id],
    )
  await order.start()
  // Five minutes twice, at this clock 12 seconds.
  for (const { id } of orders) await shop.becomes(id, 'provisioned', 60_000)
  await eventually(
    async () => {
      const health = (await (await shop.send('order', 'GET', '/health')).json()) as object
      expect(health).toMatchObject({ self_repaired: { payment_not_heard: 2 } })
      const { data } = (await (await shop.send('order', 'GET', '/admin/differences?limit=100')).json()) as {
        data: { kind: string; state: string }[]
      }
      expect(data).toMatchObject([
        { kind: 'payment_not_heard', state: 'over' },
        { kind: 'payment_not_heard', state: 'over' },
      ])
    },
    { timeoutMs: 30_000, everyMs: 200 },
  )
}, 120_000)
