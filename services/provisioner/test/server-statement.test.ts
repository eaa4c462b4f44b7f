import { serverStatement } from '@spawnpoint/contracts'
import { ask, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { expect, test } from 'vitest'
import { openSeller, paidOrder } from './seller.ts'

test('an unpaid order is stated as one without a server, and hides no other', async () => {
  await using seller = await openSeller()
  const log = createLogger({ service: 'test', level: 'silent' })
  const nats = connectNats({ url: seller.natsUrl, name: 'test', log })
  await seller.sell(
    paidOrder('order-unpaid', { status: 'pending', billing_status: 'unpaid', desired: 'none', version: 1 }),
    'order.placed',
  )
  await seller.sell(paidOrder('order-paid'))
  await seller.provisioned('order-paid')
  await eventually(() => seller.serverOf('order-unpaid'))

  const request = { order_ids: ['order-unpaid', 'order-paid'] }
  const { servers } = await ask({ nats, contract: serverStatement, request, timeoutMs: 5_000 })

  expect(servers).toHaveLength(2)
  expect(servers).toContainEqual(
    expect.objectContaining({ order_id: 'order-unpaid', status: 'none', version: 0, is_gone: false }),
  )
  await nats.close()
})
