import { connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('payments purged from the stream while the order service is down still reach their orders', async () => {
  const orders = [await shop.placeOrder(), await shop.placeOrder()]
  const log = createLogger({ service: 'test', level: 'silent' })
  const nats = connectNats({ url: shop.stack.nats.url, name: 'test', log })
  const { streams } = await (await nats.connection()).jetstreamManager()
  const { order } = shop.stack.services
  await order.stop()
  for (const { checkoutUrl } of orders) await shop.pay(checkoutUrl)
  await eventually(async () => {
    expect((await streams.info('BILLING')).state.messages).toBeGreaterThanOrEqual(2)
  })
  await streams.purge('BILLING')
  await nats.close()
  await order.start()
  for (const { id } of orders) {
    await shop.becomes(id, 'provisioned')
    expect(shop.serversOf(id)).toHaveLength(1)
  }
})
