import { randomUUID } from 'node:crypto'
import { allocationRange, demoPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

// Three places: one port on each node.
const allocations = [1, 2, 3].flatMap((node) =>
  allocationRange({ firstId: node, node, ip: `203.0.113.${node}`, firstPort: 25_565, count: 1 }),
)
let shop: Shop

beforeAll(async () => {
  shop = await openShop({ setup: { ...demoPanel(), allocations }, env: { UNPAID_CAPACITY_SHARE: '1' } })
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test('three of eight simultaneous buyers may pay, and a place that one of them gives up is sold again', async () => {
  expect(await more()).toBe(3)
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => place(`buyer-${index}`)))
  const placed = answers.flatMap(({ status, body }) => (status === 201 ? [body] : []))
  const refused = answers.filter(({ status }) => status === 409)
  expect(placed).toHaveLength(3)
  expect(refused).toHaveLength(5)
  for (const { body } of refused) expect(body).toMatchObject({ code: 'no_capacity' })
  await eventually(async () => expect(await more()).toBe(0))

  const [leaves, ...stay] = placed
  await expire(sessionOf(leaves?.checkout_url))
  await shop.becomes(leaves?.id ?? '', 'cancelled')
  await eventually(async () => expect(await more()).toBe(1))
  const next = await place('next')
  expect(next.status).toBe(201)
  for (const { id, checkout_url } of [...stay, next.body]) {
    await shop.pay(checkout_url)
    await shop.becomes(id, 'provisioned')
    expect(shop.serversOf(id)).toHaveLength(1)
  }
  expect((await place('late')).status).toBe(409)
})

type Answer = { status: number; body: { id: string; checkout_url: string; code?: string } }

async function place(name: string): Promise<Answer> {
  const customer = { email: `${name}@example.com`, name }
  const request = { plan: 'small', region: 'eu', customer, server_name: name }
  const answer = await shop.send('order', 'POST', '/orders', request, { 'idempotency-key': randomUUID() })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

/** As the seller can, and as Stripe does by itself after a day. */
async function expire(session: string): Promise<void> {
  const { url, secretKey } = shop.stripe
  const answer = await fetch(`${url}/v1/checkout/sessions/${session}/expire`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secretKey}` },
  })
  expect(answer.status).toBe(200)
}

async function more(): Promise<number | undefined> {
  const answer = await shop.send('order', 'GET', '/availability?plan=small&region=eu')
  const { data } = (await answer.json()) as { data: { more: number }[] }
  return data[0]?.more
}

function sessionOf(url = ''): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}
