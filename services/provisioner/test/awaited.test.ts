import { sql } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// A minute of a panel is six seconds here, and the five until something is said half a second.
const timeScale = 0.1

let seller: Seller

beforeAll(async () => {
  seller = await openSeller({
    timeScale,
    install: { mode: 'at-once' },
    env: { TIME_SCALE: String(timeScale) },
  })
  await seller.send('PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 600, cpu: 100 },
  })
})

afterEach(() => {
  seller.panel.removeFaults()
})

afterAll(() => seller[Symbol.asyncDispose]())

const owner = { id: 'c-9', email: 'c-9@example.com', name: 'Casey Example' }

test.each([
  ['suspend', '/suspend$', { desired: 'suspended' }],
  ['delete', 'DELETE', { desired: 'terminated' }],
  ['resize', '/build$', { plan: 'large' }],
  ['rename', '/details$', { customer: owner }],
] as const)(
  'while the panel does not answer %s, its server says within seconds what it waits for',
  async (step, route, changes) => {
    const id = `o-${step}`
    await seller.sell(paidOrder(id))
    await seller.provisioned(id)
    const [server] = seller.onPanel(id)
    const when = route === 'DELETE' ? { method: route } : { path: route }
    seller.panel.addFault({ when: { ...when, times: 1 }, do: { kind: 'slow', ms: 30_000 } })
    await seller.sell(paidOrder(id, { version: 3, ...changes }), 'order.changed')
    await eventually(async () =>
      expect(await seller.serverOf(id)).toMatchObject({
        errorClass: 'unanswered',
        errorMessage: expect.stringContaining(`has not answered ${step} yet: it, or node ${server?.node}`),
      }),
    )
    expect(await seller.serverOf(id)).toMatchObject({ intent: step, leaseToken: expect.any(String) })
    await eventually(
      async () => expect(await seller.serverOf(id)).toMatchObject({ errorClass: null, leaseToken: null }),
      { timeoutMs: 10_000 },
    )
  },
)

test('of many servers on a node that hangs each says so, also those that are left for later', async () => {
  const ids = Array.from({ length: 10 }, (_, index) => `o-many-${index}`)
  for (const id of ids) await seller.sell(paidOrder(id))
  for (const id of ids) await seller.provisioned(id)
  seller.panel.breakWings({ on: 'sync', fault: 'hang' })
  for (const id of ids)
    await seller.sell(paidOrder(id, { version: 3, desired: 'suspended' }), 'order.suspended')
  const silent = () =>
    seller.prisma.server.findMany({
      where: { orderId: { in: ids }, status: 'provisioned', errorClass: null },
      select: { orderId: true },
    })
  await eventually(async () => expect((await seller.serverOf(ids[9] ?? '')).orderVersion).toBe(3))
  // Long before it is the turn of each.
  await eventually(async () => expect(await silent()).toEqual([]), { timeoutMs: 1_500 })
  expect(
    await seller.prisma.server.count({ where: { orderId: { in: ids }, status: 'provisioned' } }),
  ).toBeGreaterThan(4)
  seller.panel.healWings()
  for (const id of ids) await seller.becomes(id, 'suspended', 30_000)
  await eventually(async () =>
    expect(await seller.prisma.server.count({ where: { orderId: { in: ids }, errorClass: null } })).toBe(10),
  )
}, 60_000)

test('a lease is short and kept while a call is under way, so that the server of a killed process is soon taken over', async () => {
  const before = seller.calls(/^POST .*\/servers$/)
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'slow', ms: 55_000 },
  })
  await seller.sell(paidOrder('o-lease'))
  await eventually(async () => expect(await seller.serverOf('o-lease')).toMatchObject({ intent: 'create' }))
  const { leaseToken, intentAt } = await seller.serverOf('o-lease')
  const left: number[] = []
  await eventually(
    async () => {
      const [row] = await seller.prisma.$queryRaw<{ ms: number; forMs: number; token: string | null }[]>(
        sql`SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_until) / 1000 AS ms, lease_token AS token,
              TIMESTAMPDIFF(MICROSECOND, ${intentAt}, UTC_TIMESTAMP(3)) / 1000 AS forMs
            FROM server WHERE order_id = 'o-lease'`,
      )
      left.push(Number(row?.ms))
      expect(row?.token).toBe(leaseToken)
      expect(Number(row?.forMs)).toBeGreaterThan(4_500)
    },
    { timeoutMs: 8_000 },
  )
  expect(Math.max(...left)).toBeLessThanOrEqual(4_000)
  expect(Math.min(...left)).toBeGreaterThan(0)
  await seller.provisioned('o-lease')
  expect(seller.calls(/^POST .*\/servers$/)).toBe(before + 1)
})
