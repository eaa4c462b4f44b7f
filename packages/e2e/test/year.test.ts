import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

type Order = {
  status: string
  billing_status: string
  plan: string
  money: {
    paid_until: string
    subscription_id: string
    cancel_at: string | null
    warning: { step: string } | null
    payments: { kind: string; status: string; amount: number }[]
  }
  history: { status: string }[]
}

const movedClock = fileURLToPath(new URL('./moved-clock.mjs', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-clock-'))
const clock = join(directory, 'ahead-ms')
const day = 86_400

let shop: Shop

beforeAll(async () => {
  writeFileSync(clock, '0')
  shop = await openShop({ timeScale: 0.02, env: { REFUNDS: 'automatic' } })
  const { order } = shop.stack.services
  await order.stop()
  await order.start({ env: { CLOCK_FILE: clock }, nodeArgs: ['--import', movedClock] })
  // Connections to the one before are still in the pool.
  await eventually(() => shop.send('order', 'GET', '/livez'))
  await sells('monthly', 999, 1024)
  await sells('monthly-large', 1999, 2048)
}, 120_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

test('a year of a subscription: renewals, a failed card, grace, suspension, payment, another plan, cancellation, the end', async () => {
  const { id, checkoutUrl } = await shop.placeOrder({ plan: 'monthly' })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  let until = (await becomes(id, { billing_status: 'paid' })).money.paid_until
  expect(daysUntil(until)).toBeGreaterThan(27)

  for (let month = 2; month <= 6; month += 1) {
    await moveTo(until, 5 * 3_600)
    until = await isPaidBeyond(id, until)
    expect(await orderOf(id)).toMatchObject({ status: 'provisioned', billing_status: 'paid' })
  }
  expect((await orderOf(id)).money.payments.map(({ kind }) => kind)).toEqual([
    'first',
    ...Array(5).fill('renewal'),
  ])

  const { subscription_id } = (await orderOf(id)).money
  const { customer } = await fromStripe<{ customer: string }>(`subscriptions/${subscription_id}`)
  shop.stripe.setCard(customer, 'declined')
  await moveTo(until, 2 * 3_600)
  await becomes(id, { billing_status: 'past_due', status: 'provisioned' })
  await moveTo(until, 2.2 * day)
  expect((await becomes(id, { warning: 'suspend' })).status).toBe('provisioned')
  await moveTo(until, 3.1 * day)
  await becomes(id, { status: 'suspended', billing_status: 'past_due' })
  expect(shop.serversOf(id)).toMatchObject([{ status: 'suspended' }])

  shop.stripe.setCard(customer, 'works')
  const { data } = await fromStripe<{ data: { id: string }[] }>(
    `invoices?subscription=${subscription_id}&status=open`,
  )
  await shop.stripe.payInvoice(data[0]?.id ?? '')
  await becomes(id, { status: 'provisioned', billing_status: 'paid' })
  until = await isPaidBeyond(id, until)
  expect(shop.serversOf(id)).toMatchObject([{ status: null }])

  await asks('POST', `/orders/${id}/plan`, { plan: 'monthly-large', when: 'now' })
  await eventually(() => expect(shop.serversOf(id)).toMatchObject([{ limits: { memory: 2048 } }]), slow)
  expect(await becomes(id, { billing_status: 'paid' })).toMatchObject({ plan: 'monthly-large' })
  await moveTo(until, 5 * 3_600)
  until = await isPaidBeyond(id, until)
  expect((await orderOf(id)).money.payments.at(-1)).toMatchObject({ kind: 'renewal', amount: 1999 })

  await asks('POST', `/orders/${id}/cancel`, { when: 'period_end' })
  await eventually(async () => expect((await orderOf(id)).money.cancel_at).not.toBeNull(), slow)
  await asks('DELETE', `/orders/${id}/cancel`)
  await eventually(async () => expect((await orderOf(id)).money.cancel_at).toBeNull(), slow)
  await moveTo(until, 5 * 3_600)
  until = await isPaidBeyond(id, until)
  await asks('POST', `/orders/${id}/cancel`, { when: 'period_end' })
  await moveTo(until, 3 * 3_600)
  await becomes(id, { status: 'suspended', billing_status: 'ended' })
  expect(shop.serversOf(id)).toMatchObject([{ status: 'suspended' }])

  await moveTo(until, 6.5 * day)
  await becomes(id, { warning: 'terminate' })
  await moveTo(until, 8.5 * day)
  await becomes(id, { status: 'terminated' })
  await eventually(() => expect(shop.serversOf(id)).toEqual([]), slow)
  const { history } = await orderOf(id)
  const stages = history.map(({ status }) => status).filter((status, at, all) => status !== all[at - 1])
  expect(stages.slice(-4)).toEqual(['suspended', 'provisioned', 'suspended', 'terminated'])
}, 240_000)

const slow = { timeoutMs: 30_000, everyMs: 100 }

async function sells(plan: string, amount: number, memory: number): Promise<void> {
  await shop.send('order', 'PUT', `/admin/plans/${plan}`, {
    ...{ name: plan, amount, currency: 'eur', interval: 'month' },
    policy: { grace_days: 3, warn_days: 1, retention_days: 7 },
  })
  await shop.send('provisioner', 'PUT', `/admin/plan-specs/${plan}`, {
    ptero_egg_id: 1,
    limits: { memory, swap: 0, disk: 5120, io: 500, cpu: 100 },
    environment: {},
  })
}

/** Stripe's time goes on, then ours. */
async function move(seconds: number): Promise<void> {
  await shop.stripe.moveClock({ advance_seconds: Math.ceil(seconds) })
  writeFileSync(clock, String(shop.stripe.now() - Date.now()))
}

async function moveTo(iso: string, laterSeconds: number): Promise<void> {
  await move((Date.parse(iso) - shop.stripe.now()) / 1_000 + laterSeconds)
}

function daysUntil(iso: string): number {
  return (Date.parse(iso) - shop.stripe.now()) / day / 1_000
}

function isPaidBeyond(id: string, before: string): Promise<string> {
  return eventually(async () => {
    const { paid_until } = (await orderOf(id)).money
    if (Date.parse(paid_until) <= Date.parse(before)) throw new Error(`Still paid until ${paid_until}`)
    return paid_until
  }, slow)
}

function becomes(
  id: string,
  wanted: { status?: string; billing_status?: string; warning?: string },
): Promise<Order> {
  return eventually(async () => {
    const order = await orderOf(id)
    const { warning, ...same } = wanted
    expect(order).toMatchObject(same)
    if (warning) expect(order.money.warning).toMatchObject({ step: warning })
    return order
  }, slow)
}

async function orderOf(id: string): Promise<Order> {
  return (await (await shop.send('order', 'GET', `/orders/${id}`)).json()) as Order
}

// As a shop does: a 503 is sent again.
function asks(method: string, path: string, body?: unknown): Promise<void> {
  return eventually(async () => {
    const response = await shop.send('order', method, path, body)
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}: ${await response.text()}`)
  }, slow)
}

async function fromStripe<Thing>(path: string): Promise<Thing> {
  const { url, secretKey } = shop.stripe
  const response = await fetch(`${url}/v1/${path}`, { headers: { authorization: `Bearer ${secretKey}` } })
  return (await response.json()) as Thing
}
