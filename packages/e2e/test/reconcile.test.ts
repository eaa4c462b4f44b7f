import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'
import { spawnpoint } from './spawnpoint.ts'

type Difference = { kind: string; order_id: string; payment_id: string; confirmation: string | null }
type Report = {
  stripe: Record<string, { missing: number; changed: number }>
  differences: Difference[]
  drifts: { kind: string; order_id: string | null }[]
  repaired: string[]
}

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.02, env: { REFUNDS: 'automatic', RECONCILE_MINUTES: '0' } })
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

test('each planted discrepancy is found, safe ones are repaired, and money moves only after confirmation', async () => {
  const [unpaid, unprocessed, forgotten, amount, gone, unwanted, twice] = await Promise.all(
    Array.from({ length: 7 }, () => sold()),
  )
  const { orders, provisioner } = shop.stack.databases
  await inMysql(orders, 'UPDATE orders SET server_version = 0, status = ? WHERE id = ?', [
    'paid',
    unprocessed,
  ])
  await inMysql(orders, forgetMoney, [unpaid])
  await inMysql(provisioner, 'DELETE FROM server WHERE order_id = ?', [forgotten])
  await inMysql(orders, "UPDATE orders SET charge = REPLACE(charge, '999', '99') WHERE id = ?", [amount])
  await inMysql(orders, "UPDATE orders SET desired = 'terminated', status = 'terminated' WHERE id = ?", [
    unwanted,
  ])
  const server = shop.serversOf(gone ?? '')[0]?.id ?? 0
  shop.panel.change({ delete: { servers: [server] } })
  const again = await payAgainFor(twice ?? '')
  const subscribed = await sold('monthly')
  await inMysql(orders, forgetSubscription, [subscribed])
  const born = await bornFromItsPayment()
  await inMysql(orders, 'DELETE FROM orders WHERE payment_id = ?', [born])

  const wanted = [
    { kind: 'payment_not_heard', order_id: unpaid },
    { kind: 'server_not_heard', order_id: unprocessed },
    { kind: 'order_not_heard', order_id: forgotten },
    { kind: 'amount_differs', order_id: amount },
    { kind: 'paid_without_server', order_id: gone },
    { kind: 'server_without_payment', order_id: unwanted },
    { kind: 'paid_twice', order_id: twice, payment_id: again },
    { kind: 'subscription_not_heard', order_id: subscribed },
    { kind: 'payment_without_order', payment_id: born },
  ]
  const found = await eventually(
    async () => {
      const report = await reconcile()
      for (const difference of wanted)
        expect(report.differences).toContainEqual(expect.objectContaining(difference))
      return report
    },
    { timeoutMs: 60_000, everyMs: 1_000 },
  )
  expect(found.drifts).toContainEqual(expect.objectContaining({ kind: 'ghost', order_id: gone }))

  const { stderr } = await spawnpoint(shop, 'reconcile', '--fix', '--json')
  expect(stderr).toContain(`refund 999 eur (minor units) of order ${twice}`)
  expect(stderr).toContain(`delete the server of order ${unwanted}, which paid 999 eur (minor units)`)
  await eventually(
    async () => {
      // An order that began anew has a server to be reported.
      const { differences } = await reconcile('--fix')
      expect(differences.map(({ kind }) => kind).sort()).toEqual(['paid_twice', 'server_without_payment'])
    },
    { timeoutMs: 60_000, everyMs: 1_000 },
  )
  for (const id of [unpaid, unprocessed, forgotten, amount, gone, subscribed])
    expect(await shop.becomes(id ?? '', 'provisioned')).toMatchObject({ status: 'provisioned' })
  expect(shop.serversOf(gone ?? '')).toHaveLength(1)
  expect(await refunds()).toEqual([])
  expect(shop.serversOf(unwanted ?? '')).toHaveLength(1)

  const confirmed = found.differences.flatMap(({ confirmation }) =>
    confirmation === null ? [] : ['--confirm', confirmation],
  )
  await spawnpoint(shop, 'reconcile', '--fix', '--json', ...confirmed)
  await eventually(
    async () => {
      const { differences, drifts } = await reconcile()
      expect({ differences, drifts }).toEqual({ differences: [], drifts: [] })
    },
    { timeoutMs: 60_000, everyMs: 1_000 },
  )
  expect(shop.serversOf(unwanted ?? '')).toEqual([])
  expect(await refunds()).toMatchObject([{ amount: 999, status: 'succeeded' }])
  await shop.becomes(twice ?? '', 'provisioned')
}, 240_000)

test('a payment without a webhook is found at Stripe and gets its server', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  shop.stripe.addWebhookFault({ when: { times: 1_000 }, do: { kind: 'drop' } })
  await shop.pay(checkoutUrl)
  const { stripe } = await reconcile()
  const missing = Object.values(stripe).reduce((sum, kind) => sum + kind.missing, 0)
  expect(missing).toBeGreaterThan(0)
  await shop.becomes(id, 'provisioned')
}, 60_000)

async function sold(plan = 'small'): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder({ plan })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  return id
}

/** The same order is paid on another page of its shop's own. */
function payAgainFor(orderId: string): Promise<string> {
  return payElsewhere({ 'metadata[order_id]': orderId })
}

/** Paid on a page of the shop's own, for which nobody placed an order. */
async function bornFromItsPayment(): Promise<string> {
  const session = await payElsewhere({ 'metadata[plan]': 'small', 'metadata[region]': 'eu' })
  await eventually(async () => {
    const born = 'SELECT id FROM orders WHERE payment_id = ? AND status = ?'
    expect(await inMysql(shop.stack.databases.orders, born, [session, 'provisioned'])).toHaveLength(1)
  }, slow)
  return session
}

async function payElsewhere(metadata: Record<string, string>): Promise<string> {
  const { url, secretKey } = shop.stripe
  const form = new URLSearchParams({
    mode: 'payment',
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': 'eur',
    'line_items[0][price_data][unit_amount]': '999',
    'line_items[0][price_data][product_data][name]': 'Small',
    ...metadata,
    success_url: 'https://shop.example.com/thanks',
  })
  const response = await fetch(`${url}/v1/checkout/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}` },
    body: form,
  })
  const session = (await response.json()) as { id: string; url: string }
  await shop.pay(session.url)
  return session.id
}

async function refunds(): Promise<{ amount: number; status: string }[]> {
  const { url, secretKey } = shop.stripe
  const response = await fetch(`${url}/v1/refunds`, { headers: { authorization: `Bearer ${secretKey}` } })
  return ((await response.json()) as { data: { amount: number; status: string }[] }).data
}

async function reconcile(...options: string[]): Promise<Report> {
  const { code, stdout, stderr } = await spawnpoint(shop, 'reconcile', '--json', ...options)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

const slow = { timeoutMs: 30_000, everyMs: 200 }

const forgetSubscription = `UPDATE orders SET money = JSON_SET(money, '$.subscription', NULL) WHERE id = ?`

const forgetMoney = `UPDATE orders SET status = 'pending', billing_status = 'unpaid', desired = 'none', payment_id = NULL,
  payment_version = 0, charge = NULL, money = NULL, wanted = NULL, subscription_id = NULL WHERE id = ?`
