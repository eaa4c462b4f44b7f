import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

type Order = {
  billing_status: string
  desired: string
  money: { subscription_id: string; payments: { payment_id: string }[] }
}

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.05 })
  await shop.send('order', 'PUT', '/admin/plans/monthly', {
    ...{ name: 'Monthly', amount: 999, currency: 'eur', interval: 'month' },
  })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/monthly', {
    ptero_egg_id: 1,
    limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 },
    environment: {},
  })
}, 120_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

test('a customer who cancelled and pays again gets the same server back', async () => {
  const id = await bought()
  const [server] = shop.serversOf(id)
  await shop.send('order', 'POST', `/orders/${id}/cancel`, { when: 'now' })
  await shop.becomes(id, 'suspended')
  await comesBack(id)
  expect(shop.serversOf(id)).toMatchObject([{ id: server?.id, status: null }])
  expect(await shop.orderOf(id)).toMatchObject({ billing_status: 'paid' })
  expect(await letters()).toEqual([])
  expect(await renew(id)).toMatchObject({ status: 409, code: 'subscription_goes_on' })
}, 90_000)

test('the end of the old subscription may arrive after the new one is paid', async () => {
  const id = await bought()
  const [server] = shop.serversOf(id)
  const before = await orderOf(id)
  shop.stripe.addWebhookFault({ when: { type: 'customer.subscription.deleted' }, do: { kind: 'drop' } })
  await cancelAtStripe(before.money.subscription_id)
  const after = await comesBack(id)
  expect(after.money.subscription_id).not.toBe(before.money.subscription_id)
  await shop.send('billing-gateway', 'POST', '/admin/catch-up')
  await eventually(async () => {
    const last = (await (await shop.send('billing-gateway', 'GET', '/admin/catch-up')).json()) as object
    expect(last).toMatchObject({ is_over: true, error: null })
  })
  await shop.becomes(id, 'provisioned')
  expect(await orderOf(id)).toMatchObject({ billing_status: 'paid', money: after.money })
  expect(shop.serversOf(id)).toMatchObject([{ id: server?.id, status: null }])
  expect(await letters()).toEqual([])
}, 90_000)

test('a subscription that replaces another is found before anybody is suspended, though its events are lost', async () => {
  const id = await bought()
  const { subscription_id: former } = (await orderOf(id)).money
  const type = '^(invoice|customer.subscription.(created|updated))'
  shop.stripe.addWebhookFault({ when: { type }, do: { kind: 'drop' } })
  const suspended = suspensions()
  const { customer } = (await toStripe('GET', former)) as { customer: string }
  const { subscription } = shop.stripe.subscribe({
    ...{ customer, email: 'alex@example.com', amount: 999 },
    ...{ price_metadata: { plan: 'monthly' }, metadata: { order_id: id, plan: 'monthly', region: 'eu' } },
  })
  await cancelAtStripe(former)
  await eventually(async () => expect((await orderOf(id)).money.subscription_id).toBe(subscription.id), {
    timeoutMs: 30_000,
    everyMs: 100,
  })
  expect(await orderOf(id)).toMatchObject({ billing_status: 'paid', desired: 'running' })
  expect(suspensions()).toBe(suspended)
  shop.stripe.removeFaults()
}, 90_000)

async function bought(): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder({ plan: 'monthly' })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  await eventually(async () => expect((await orderOf(id)).money.subscription_id).toMatch(/^sub_/))
  return id
}

async function comesBack(id: string): Promise<Order> {
  const before = await orderOf(id)
  const { checkout_url } = await renew(id)
  expect((await renew(id)).checkout_url).toBe(checkout_url)
  await shop.pay(checkout_url ?? '')
  return await eventually(
    async () => {
      const order = await orderOf(id)
      expect(order.money.subscription_id).not.toBe(before.money.subscription_id)
      await shop.becomes(id, 'provisioned')
      return order
    },
    { timeoutMs: 30_000, everyMs: 100 },
  )
}

async function renew(id: string) {
  const response = await shop.send('order', 'POST', `/orders/${id}/renew`, {})
  const answer = (await response.json()) as { checkout_url?: string; code?: string }
  return { status: response.status, ...answer }
}

async function orderOf(id: string): Promise<Order> {
  return (await (await shop.send('order', 'GET', `/orders/${id}`)).json()) as Order
}

async function letters(): Promise<unknown[]> {
  const answer = await shop.send('order', 'GET', '/admin/dead-letters')
  return ((await answer.json()) as { data: unknown[] }).data
}

/** How often the panel was told to suspend a server. */
function suspensions(): number {
  const calls = Object.entries(shop.panel.requests().calls)
  return calls.filter(([route]) => route.endsWith('/suspend')).reduce((sum, [, count]) => sum + count, 0)
}

async function cancelAtStripe(subscription: string): Promise<void> {
  await toStripe('DELETE', subscription)
}

async function toStripe(method: string, subscription: string): Promise<unknown> {
  const { url, secretKey } = shop.stripe
  const answer = await fetch(`${url}/v1/subscriptions/${subscription}`, {
    method,
    headers: { authorization: `Bearer ${secretKey}` },
  })
  expect(answer.status).toBe(200)
  return await answer.json()
}
