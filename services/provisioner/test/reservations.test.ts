import { againAfterRaces } from '@spawnpoint/database'
import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fullWorld } from './full-environment.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'
import { type Desk, openDesk } from './shop-desk.ts'

// Five places of 2048 MiB: three by memory on one node, two by ports on the other.
const world = fullWorld([
  { memory: 3 * 2_048 + 100, ports: 50 },
  { memory: 65_536, ports: 2 },
])
let owned: ReturnType<typeof owning>
let seller: Seller
let desk: Desk

beforeEach(async () => {
  owned = owning()
  seller = owned.own(await openSeller({ world }))
  desk = owned.own(await openDesk(seller.natsUrl))
})

afterEach(() => owned[Symbol.asyncDispose]())

test('of twenty concurrent reservations for a capacity of five, five succeed, and those five get their servers', async () => {
  expect(await desk.count()).toEqual([{ plan: 'small', region: 'eu', more: 5, reason: null }])
  const ids = Array.from({ length: 20 }, (_, index) => `o-${index}`)
  const answers = await Promise.all(ids.map((id) => desk.reserve(id)))
  const held = ids.filter((_, index) => answers[index] === 'held')
  expect(held).toHaveLength(5)
  expect(new Set(answers)).toEqual(new Set(['held', 'no_capacity']))
  expect(await desk.count()).toMatchObject([{ more: 0, reason: 'no_capacity' }])
  // One who asked nobody pays first, and waits all the same.
  await seller.sell(paidOrder('link'))
  await waits('link')
  for (const id of held) await seller.sell(paidOrder(id))
  for (const id of held) await seller.provisioned(id)
  expect(seller.panel.state().servers).toHaveLength(5)
  expect(seller.onPanel('link')).toEqual([])
})

test('a repeated request keeps the same reservation, and a paid order needs none', async () => {
  expect(await desk.reserve('o-1')).toBe('held')
  expect(await desk.reserve('o-1', { forMs: 120_000 })).toBe('held')
  expect(await seller.prisma.allocationClaim.count()).toBe(1)
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(await seller.prisma.allocationClaim.findFirst()).toMatchObject({ reservedUntil: null })
  expect(await desk.reserve('o-1')).toBe('held')
  expect(await desk.count()).toMatchObject([{ more: 4 }])
})

test('a reservation that is not paid in time is released', async () => {
  for (const id of ['o-1', 'o-2', 'o-3', 'o-4', 'o-5']) await desk.reserve(id)
  await seller.sell(paidOrder('link'))
  await waits('link')
  await againAfterRaces(() =>
    seller.prisma.allocationClaim.updateMany({
      where: { orderId: 'o-1' },
      data: { reservedUntil: new Date(Date.now() - 1) },
    }),
  )
  await seller.provisioned('link')
  expect(await seller.publishedFor('link')).toEqual([
    'server.waiting',
    'server.provisioning',
    'server.provisioned',
  ])
})

test('a cancelled order releases its reservation, but not one that it made since', async () => {
  for (const id of ['o-1', 'o-2', 'o-3', 'o-4', 'o-5']) await desk.reserve(id)
  const cancelled = { version: 2, status: 'cancelled', billing_status: 'unpaid', desired: 'none' } as const
  expect(await desk.reserve('o-2', { order_version: 2 })).toBe('held')
  await seller.sell(paidOrder('o-2', cancelled), 'order.changed')
  await seller.sell(paidOrder('o-1', cancelled), 'order.changed')
  await eventually(async () => expect(await desk.count()).toMatchObject([{ more: 1 }]))
  expect(await desk.reserve('o-6')).toBe('held')
  expect(await desk.reserve('o-7')).toBe('no_capacity')
})

test('while a bank payment is pending, a reservation lasts for days', async () => {
  await desk.reserve('o-1', { forMs: 5_000 })
  await seller.sell(
    paidOrder('o-1', { status: 'pending', billing_status: 'unpaid', desired: 'none', payment_id: 'cs_1' }),
    'order.changed',
  )
  await eventually(async () => {
    const claim = await seller.prisma.allocationClaim.findFirstOrThrow()
    expect(claim.reservedUntil?.getTime()).toBeGreaterThan(Date.now() + 14 * 86_400_000)
  })
})

test('what cannot be placed anywhere is refused by name', async () => {
  expect(await desk.reserve('o-1', { plan: 'none' })).toBe('plan_without_spec')
  expect(await desk.reserve('o-1', { region: 'none' })).toBe('region_without_nodes')
  await seller.send('PUT', '/admin/region-nodes/gone', { nodes: [99] })
  expect(await desk.reserve('o-1', { region: 'gone' })).toBe('nodes_missing')
  seller.panel.change({ nodes: [1, 2].map((id) => ({ id, maintenance_mode: true })) })
  await eventually(async () => expect(await desk.count()).toMatchObject([{ more: 0, reason: 'no_capacity' }]))
})

test('a plan whose egg the panel does not have is not sold', async () => {
  await seller.send('PUT', '/admin/plan-specs/eggless', { ptero_egg_id: 99, limits: { memory: 1, disk: 1 } })
  expect(await desk.count(['eggless', 'small'])).toMatchObject([
    { plan: 'eggless', more: 0, reason: 'egg_missing' },
    { plan: 'small', reason: null },
  ])
  expect(await desk.reserve('o-1', { plan: 'eggless' })).toBe('egg_missing')
})

test('a reservation on a node that leaves the region is replaced', async () => {
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1] })
  await desk.reserve('o-1')
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [2] })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ node: 2 }])
})

async function waits(orderId: string): Promise<void> {
  await eventually(async () => {
    expect(await seller.serverOf(orderId)).toMatchObject({ status: 'waiting', errorClass: 'no_capacity' })
  })
}
