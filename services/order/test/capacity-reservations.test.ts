import { availability, createCheckout } from '@spawnpoint/contracts'
import { answerRequests, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShop, orderRequest, type Shop } from './open-shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const expiresAt = new Date(Date.now() + 86_400_000)
let shop: Shop
let owned: ReturnType<typeof owning>

beforeEach(async () => {
  owned = owning()
  await open()
}, 60_000)

afterEach(() => owned[Symbol.asyncDispose]())

test('capacity is reserved briefly before the order is created, and then for as long as its checkout is open', async () => {
  const { id } = (await (await place('a')).json()) as { id: string }
  expect(shop.capacity.asked).toMatchObject([
    { order_id: id, order_version: 1, plan: 'small', region: 'eu' },
    { order_id: id },
  ])
  const [first, second] = shop.capacity.asked.map(({ until }) => Date.parse(until))
  expect(first).toBeLessThan(Date.now() + 180_000)
  expect(second).toBe(expiresAt.getTime() + 1_800_000)
  expect((await place('a')).status).toBe(201)
  expect(shop.capacity.asked).toHaveLength(2)
})

test.each(['no_capacity', 'plan_without_spec'])(
  'an order without capacity (%s) is refused and not stored',
  async (code) => {
    shop.capacity.refuse(code)
    const answer = await place('a')
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code, detail: expect.stringContaining('No node has room') })
    expect(await shop.prisma.order.count()).toBe(0)
  },
)

test('while capacity is unknown, the shop is told to retry', async () => {
  shop.capacity.refuse('panel_away')
  const answer = await place('a')
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(await answer.json()).toMatchObject({ code: 'capacity_unknown' })
  expect(await shop.prisma.order.count()).toBe(0)
})

test('a shop may sell while the provisioner does not answer', async () => {
  await open({ SELL_WITHOUT_CAPACITY: 'allow' })
  shop.capacity.refuse('panel_away')
  expect((await place('a')).status).toBe(201)
  shop.capacity.refuse('no_capacity')
  expect((await place('b')).status).toBe(409)
})

test('what the panel would refuse is refused by its fields, and reserves nothing', async () => {
  shop.capacity.object({ path: 'environment.MAX_PLAYERS', message: 'It must be a number.' })
  const answer = await place('a')
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({
    code: 'invalid_order',
    errors: [{ path: 'environment.MAX_PLAYERS', message: 'It must be a number.' }],
  })
  expect(shop.capacity.asked).toEqual([])
})

test('the shop sees what can be sold, and where', async () => {
  const small = { plan: 'small', region: 'eu', available: true, more: 2, reason: null }
  const dear = { plan: 'dear', region: 'eu', available: false, more: 0, reason: 'plan_without_spec' }
  await shop.send('PUT', '/admin/plans/dear', { name: 'Dear', amount: 99_900, currency: 'eur' })
  expect(await (await shop.send('GET', '/availability')).json()).toEqual({ data: [dear, small] })
  expect(await (await shop.send('GET', '/availability?plan=small')).json()).toEqual({ data: [small] })
  expect((await shop.send('GET', '/availability?plan=none')).status).toBe(422)
  expect((await shop.send('GET', '/availability?plant=small')).status).toBe(422)
})

async function open(env: Record<string, string> = {}): Promise<void> {
  shop = owned.own(await openShop(env))
  const nats = connectNats({ url: shop.nats.url, name: 'neighbours', log })
  owned.own({ [Symbol.asyncDispose]: () => nats.close() })
  answerRequests({ nats, contract: createCheckout, handle: newPage, log })
  answerRequests({ nats, contract: availability, handle: twoPlaces, log })
  await (await nats.connection()).flush()
}

async function newPage({ order_id }: { order_id: string }) {
  return {
    checkout_session_id: `cs_${order_id}`,
    checkout_url: `https://pay.example.com/cs_${order_id}`,
    expires_at: expiresAt.toISOString(),
  }
}

async function twoPlaces({ plans, regions }: { plans: string[]; regions: string[] }) {
  return {
    places: plans.flatMap((plan) =>
      regions.map((region) =>
        plan === 'small'
          ? { plan, region, more: 2, reason: null }
          : { plan, region, more: 0, reason: 'plan_without_spec' },
      ),
    ),
  }
}

function place(key: string): Promise<Response> {
  return shop.send('POST', '/orders', orderRequest, { 'idempotency-key': key })
}
