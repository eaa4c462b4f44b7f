import { randomUUID } from 'node:crypto'
import { eventually } from '@spawnpoint/stack'
import { checkoutSession, type eventBody, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a paid order becomes one server, and the order shows it', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  const order = await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toHaveLength(1)
  expect(order).toMatchObject({ ptero_identifier: shop.serversOf(id)[0]?.identifier, error_message: null })
})

test('fifty deliveries of the same webhook at once make one server', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  shop.stripe.addWebhookFault({
    when: { type: 'checkout.session.completed', times: 1 },
    do: { kind: 'duplicate', copies: 49 },
  })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  await eventually(() => expect(deliveriesOfLast()).toBeGreaterThanOrEqual(50), { timeoutMs: 20_000 })
  expect(shop.serversOf(id)).toHaveLength(1)
  shop.stripe.removeFaults()
})

test('a payment during a panel outage gets its server once the panel is back', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  shop.panel.addFault({ do: { kind: 'refused' } })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'paid')
  await eventually(() => expect(shop.panel.state().faults[0]?.fired).toBeGreaterThanOrEqual(2), {
    timeoutMs: 20_000,
  })
  expect(shop.serversOf(id)).toHaveLength(0)
  shop.panel.removeFaults()
  await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toHaveLength(1)
})

test('a server created behind a 504 is adopted', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  shop.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'created-then-504' },
  })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toHaveLength(1)
  shop.panel.removeFaults()
})

test('twenty simultaneous manual triggers create no second server', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  const unpaid = await eventually(async () => {
    const response = await trigger(id)
    expect(response.status).toBe(409)
    return response
  })
  expect(await unpaid.json()).toMatchObject({ status: 409 })
  await shop.pay(checkoutUrl)
  const answers = await Promise.all(Array.from({ length: 20 }, () => trigger(id)))
  expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true)
  await shop.becomes(id, 'provisioned')
  await Promise.all(Array.from({ length: 20 }, () => trigger(id)))
  await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toHaveLength(1)
  expect((await trigger(randomUUID())).status).toBe(404)
})

test('a payment that names plan and region begins an order of its own, once', async () => {
  const session = checkoutSession({
    status: 'complete',
    payment_status: 'paid',
    amount_total: 999,
    amount_subtotal: 999,
    currency: 'eur',
    metadata: { plan: 'small', region: 'eu' },
  })
  const event = stripeEvent('checkout.session.completed', session)
  expect((await deliver(event)).status).toBe(200)
  expect((await deliver({ ...event, id: `${event.id}again` })).status).toBe(200)
  const order = await eventually(
    async () => {
      const { data } = (await (await shop.send('order', 'GET', '/orders')).json()) as {
        data: { id: string; status: string }[]
      }
      const newest = data[0]
      expect(newest?.status).toBe('provisioned')
      return newest
    },
    { timeoutMs: 30_000 },
  )
  expect(shop.serversOf(order?.id ?? '')).toHaveLength(1)
})

test('a completed but unpaid session provisions nothing', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl, 'async')
  const paid = await shop.placeOrder()
  await shop.pay(paid.checkoutUrl)
  await shop.becomes(paid.id, 'provisioned')
  expect(await shop.orderOf(id)).toMatchObject({ status: 'pending' })
  expect(shop.serversOf(id)).toHaveLength(0)
})

test('sales continue after the JetStream store is lost', async () => {
  const before = await shop.placeOrder()
  await shop.pay(before.checkoutUrl)
  await shop.becomes(before.id, 'provisioned')
  await wipeNats()
  const after = await shop.placeOrder()
  await shop.pay(after.checkoutUrl)
  await shop.becomes(after.id, 'provisioned', 60_000)
  expect(shop.serversOf(before.id)).toHaveLength(1)
  expect(shop.serversOf(after.id)).toHaveLength(1)
})

test('the documented queries and log lines still work', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  const { orders } = shop.stack.databases
  const latest = await inMysql<object[]>(
    orders,
    'SELECT id, status, error_message, created_at FROM orders ORDER BY created_at DESC LIMIT 10',
  )
  const active = await inMysql<object[]>(
    orders,
    "SELECT id, status, ptero_server_id, ptero_identifier FROM orders WHERE status IN ('paid','provisioning','provisioned','error') ORDER BY created_at DESC",
  )
  expect(latest[0]).toMatchObject({ id, status: 'provisioned', error_message: null })
  const server = shop.serversOf(id)[0]
  expect(active[0]).toMatchObject({ id, ptero_server_id: server?.id, ptero_identifier: server?.identifier })
  expect(shop.stack.services.order.tail(2000)).toContain(`Order created: ${id}`)
  expect(shop.stack.services.provisioner.tail(2000)).toContain(
    `Server provisioned: ${server?.identifier} (ID: ${server?.id}) for order ${id}`,
  )
})

function trigger(orderId: string): Promise<Response> {
  return shop.send('provisioner', 'POST', '/api/servers/provision', { order_id: orderId })
}

function deliver(event: Parameters<typeof eventBody>[0]): Promise<Response> {
  const { body, headers } = signedWebhook(event, shop.stripe.webhookSecret)
  return fetch(`${shop.stack.services['billing-gateway'].url}/webhooks/stripe`, {
    method: 'POST',
    headers,
    body,
  })
}

function deliveriesOfLast(): number {
  const completed = shop.stripe.deliveries().filter(({ type }) => type === 'checkout.session.completed')
  const last = completed.at(-1)?.event
  return completed.filter(({ event }) => event === last).length
}

async function wipeNats(): Promise<void> {
  const { nats } = shop.stack
  if (!('wipe' in nats) || typeof nats.wipe !== 'function') throw new Error('NATS is not our own here')
  await nats.wipe()
}
