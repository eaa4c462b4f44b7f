import { randomUUID } from 'node:crypto'
import { changeSubscription } from '@spawnpoint/contracts'
import { ask, connectNats, describeNats, type Nats, newEvent, watchEvents } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, paymentData, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
let shop: Shop
let attacker: Nats
let ended: string
let orderId: string

beforeAll(async () => {
  shop = await openShop()
  const { nats } = shop.stack
  // With the provisioner's password, which may publish neither payments nor orders.
  attacker = connectNats({ url: nats.urls.provisioner, name: 'attacker', log })
  const seen: string[] = []
  await using _ = await watchEvents({
    natsUrl: nats.url,
    onEvent: (event) => {
      if (event.type === 'order.paid') seen.push(JSON.stringify(event))
    },
  })
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  orderId = id
  const paid = await eventually(() => JSON.parse(seen[0] ?? 'null'))
  ended = JSON.stringify({
    ...paid,
    id: randomUUID(),
    type: 'order.ended',
    version: 9_999,
    data: { ...paid.data, version: 9_999, desired: 'terminated' },
  })
}, 120_000)

afterAll(async () => {
  await attacker?.close()
  await shop?.[Symbol.asyncDispose]()
})

test('every service may do at NATS only what is its own, and says so', async () => {
  for (const name of serviceNames) {
    const health = await shop.send(name, 'GET', '/health')
    expect(await health.json()).toMatchObject({ nats_permissions: 'limited' })
  }
})

test('nobody connects without a password', async () => {
  const url = `nats://${new URL(shop.stack.nats.url).host}`
  await expect(describeNats(url)).rejects.toThrow('Authorization Violation')
})

test('a forged payment and end of an order, on their own subjects or as another event, do nothing', async () => {
  const stranger = randomUUID()
  const data = paymentData({ payment_id: 'cs_forged', status: 'succeeded', plan: 'small', region: 'eu' })
  const cause = { source: 'attacker', cause: 'forged', subject: 'cs_forged', version: 1, time: new Date() }
  const payment = JSON.stringify(
    newEvent({ ...cause, type: 'payment.succeeded', data: { ...data, order_id: stranger } }),
  )
  const connection = await attacker.connection()
  connection.publish('payment.succeeded', Buffer.from(payment))
  connection.publish('order.ended', Buffer.from(ended))
  for (const forged of [payment, ended]) connection.publish('server.provisioned', Buffer.from(forged))
  await connection.flush()

  await eventually(async () => {
    const answer = await shop.send('order', 'GET', '/admin/dead-letters')
    const { data: found } = (await answer.json()) as { data: { class: string }[] }
    expect(found.map((letter) => letter.class)).toEqual(['wrong_subject', 'wrong_subject'])
  })
  expect((await shop.send('order', 'GET', `/orders/${stranger}`)).status).toBe(404)
  expect(await (await shop.send('order', 'GET', `/orders/${orderId}`)).json()).toMatchObject({
    status: 'provisioned',
  })
  expect(shop.serversOf(orderId)).toHaveLength(1)
})

test('a price is not changed for a service that does not change prices', async () => {
  const change = {
    do: 'change-plan',
    plan: 'small',
    product_name: 'Small',
    price: { amount: 1, currency: 'eur' },
    interval: 'month',
    when: 'now',
  } as const
  const asking = ask({
    nats: attacker,
    contract: changeSubscription,
    request: { request_id: 'forged', subscription_id: 'sub_1', change },
    timeoutMs: 1_000,
  })
  await expect(asking).rejects.toMatchObject({ code: 'unanswered' })
})
