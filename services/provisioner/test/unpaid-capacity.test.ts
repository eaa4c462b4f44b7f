import { againAfterRaces } from '@spawnpoint/database'
import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fullWorld } from './full-environment.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'
import { type Desk, openDesk } from './shop-desk.ts'

// Places of 2048 MiB: six by memory on the first and the last node, four by ports on the other.
const world = fullWorld([
  { memory: 6 * 2_048 + 100, ports: 50 },
  { memory: 65_536, ports: 4 },
  { memory: 6 * 2_048 + 100, ports: 50 },
])
let owned: ReturnType<typeof owning>
let seller: Seller
let desk: Desk

beforeEach(() => {
  owned = owning()
})
afterEach(() => owned[Symbol.asyncDispose]())

async function open(share: string, nodes = [1]) {
  seller = owned.own(await openSeller({ world, env: { UNPAID_CAPACITY_SHARE: share } }))
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes })
  desk = owned.own(await openDesk(seller.natsUrl))
}

type Health = { status: string; failing: { unpaid_orders?: string } }
const health = async () => (await (await seller.send('GET', '/health')).json()) as Health

/** Asks for places at once; how many were held, and how the others were refused. */
async function ask(count: number, name = 'o') {
  const ids = Array.from({ length: count }, (_, index) => `${name}-${index}`)
  const answers = await Promise.all(ids.map((id) => desk.reserve(id)))
  return {
    held: ids.filter((_, index) => answers[index] === 'held'),
    refused: new Set(answers.filter((answer) => answer !== 'held')),
  }
}

test('of twenty at once unpaid orders reserve half of the region, and paid ones are placed all the same', async () => {
  await open('0.5')
  expect(await health()).toMatchObject({ status: 'healthy' })
  const { held, refused } = await ask(20)
  expect(held).toHaveLength(3)
  expect(refused).toEqual(new Set(['unpaid_capacity_reached']))
  expect(await desk.count()).toMatchObject([{ more: 0, reason: 'unpaid_capacity_reached' }])
  await eventually(async () => {
    const { status, failing } = await health()
    expect(status).toBe('degraded')
    expect(failing.unpaid_orders).toContain('3 unpaid orders hold as much of the region eu')
  })
  for (const id of ['link-1', 'link-2', 'link-3']) await seller.sell(paidOrder(id))
  for (const id of ['link-1', 'link-2', 'link-3']) await seller.provisioned(id)
})

test('orders on several nodes at once are counted together', async () => {
  await open('0.5', [1, 3])
  expect((await ask(20)).held).toHaveLength(6)
})

test('what is paid or cancelled counts no more', async () => {
  await open('0.5')
  const { held } = await ask(3)
  expect(await desk.reserve('late')).toBe('unpaid_capacity_reached')
  await seller.sell(paidOrder(held[0] ?? ''))
  await seller.provisioned(held[0] ?? '')
  await eventually(async () => expect(await desk.reserve('late')).toBe('held'))
  expect(await desk.reserve('later')).toBe('unpaid_capacity_reached')
  const cancelled = { version: 2, status: 'cancelled', billing_status: 'unpaid', desired: 'none' } as const
  await seller.sell(paidOrder(held[1] ?? '', cancelled), 'order.changed')
  await eventually(async () => expect(await health()).toMatchObject({ status: 'healthy' }))
  expect(await desk.reserve('later')).toBe('held')
})

test('one reservation is always allowed, and a repeated request is no second one', async () => {
  await open('0.01')
  expect(await desk.reserve('o-1')).toBe('held')
  expect(await desk.reserve('o-1', { forMs: 90_000 })).toBe('held')
  expect(await desk.reserve('o-2')).toBe('unpaid_capacity_reached')
})

test('a node whose ports are few counts by its ports', async () => {
  await open('0.5', [2])
  expect((await ask(10)).held).toHaveLength(2)
})

test('an order with a pending payment does not count as unpaid', async () => {
  await open('0.5', [2])
  const { held } = await ask(2)
  for (const id of held)
    await seller.sell(
      paidOrder(id, { status: 'pending', billing_status: 'unpaid', desired: 'none', payment_id: `cs_${id}` }),
      'order.changed',
    )
  await eventually(async () => expect(await desk.reserve('late')).toBe('held'))
})

test('where unpaid orders hold the last capacity, health reports it until they release it', async () => {
  await open('1', [2])
  await ask(4)
  expect(await desk.reserve('late')).toBe('no_capacity')
  await eventually(async () => {
    expect(await health()).toMatchObject({
      status: 'degraded',
      failing: { unpaid_orders: expect.stringContaining('4 unpaid orders') },
    })
  })
  await againAfterRaces(() =>
    seller.prisma.allocationClaim.updateMany({ data: { reservedUntil: new Date(Date.now() - 1) } }),
  )
  await eventually(async () => expect(await health()).toMatchObject({ status: 'healthy' }))
})
