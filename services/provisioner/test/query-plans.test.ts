import type { AnyEvent, OrderState } from '@spawnpoint/contracts'
import { adapter, inTransaction, sql } from '@spawnpoint/database'
import { newEvent } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { multiplyRow, openQueryPlans, owning, type QueryPlans, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onOrder } from '../src/api/on-order.ts'
import { listServers } from '../src/api/read-servers.ts'
import { startReconciling } from '../src/control-loop/reconcile-due-servers.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { leaseDueServers, msToNextDue, releaseLease, renewLease } from '../src/store/leases.ts'
import { queuePositions } from '../src/store/queue-positions.ts'
import { summarize } from '../src/store/summary.ts'
import { paidOrder } from './seller.ts'
import { serverRow } from './server-row.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const cleanUp = owning()
let plans: QueryPlans
let prisma: PrismaClient

/** 20,000 servers: 19,000 are there, 900 wait for a time to come, 60 are due, and 40 are being driven. */
beforeAll(async () => {
  const { url } = cleanUp.own(await testDatabase('provisioner'))
  plans = cleanUp.own(await openQueryPlans(url))
  prisma = new PrismaClient({ adapter: plans.watch(adapter(url)) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  await inTransaction(prisma, (tx) => onOrder(tx, [orderEvent(paidOrder('o-1'))]))
  await multiplyRow(prisma, 'server', {
    count: 20_000,
    set: {
      order_id: 'LEFT(SHA2(n, 256), 32)',
      status: "IF(n < 19000, 'provisioned', ELT(1 + n MOD 3, 'waiting', 'provisioning', 'failed'))",
      error_class: "IF(n < 19000, NULL, 'no_capacity')",
      next_attempt_at:
        'IF(n < 19000, NULL, IF(n < 19900, UTC_TIMESTAMP(3) + INTERVAL 30 MINUTE, UTC_TIMESTAMP(3)))',
      lease_until: 'IF(n < 19960, NULL, UTC_TIMESTAMP(3) + INTERVAL 30 MINUTE)',
      lease_token: 'IF(n < 19960, NULL, LEFT(SHA2(n, 256), 32))',
    },
  })
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

test('due servers are found by when they are due', async () => {
  const ways = await plans.ways(
    async () => {
      await leaseDueServers(prisma, { panelId: 'main', atMost: 8, leaseMs: 60_000 })
      await msToNextDue(prisma, 'main')
    },
    { atMost: 100 },
  )
  expect(ways).toEqual([
    'update server by server_panel_id_next_attempt_at_idx',
    'select server by server_lease_token_idx, sorted',
    'select server by server_panel_id_next_attempt_at_idx',
  ])
})

test('whatever is done with one server finds it by its order', async () => {
  const [one = serverRow()] = (await leaseDueServers(prisma, { panelId: 'main', atMost: 1, leaseMs: 60_000 }))
    .servers
  const ways = await plans.ways(
    async () => {
      await prisma.server.findUnique({ where: { orderId: one.order_id } })
      await renewLease(prisma, one, 60_000)
      await releaseLease(prisma, one)
    },
    { atMost: 2 },
  )
  expect(ways).toContain('select server by PRIMARY')
  // The lease leads to the same row.
  expect(ways).toContainEqual(expect.stringMatching(/^update server by (PRIMARY|server_lease_token_idx)$/))
})

test('the position in a queue is counted among those that are due before', async () => {
  const due = await prisma.server.findFirstOrThrow({ where: { nextAttemptAt: { not: null } } })
  const ways = await plans.ways(() => queuePositions(prisma, [due.orderId]), { atMost: 2_000 })
  expect(ways).toEqual(['select own by PRIMARY, other by server_panel_id_next_attempt_at_idx'])
})

test('the servers that a list of events is about are found by their orders', async () => {
  const rows = await prisma.$queryRaw<{ order_id: string }[]>(sql`SELECT order_id FROM server LIMIT 64`)
  const events = rows.map(({ order_id }) => orderEvent(paidOrder(order_id, { version: 9 })))
  const ways = await plans.ways(() => inTransaction(prisma, (tx) => onOrder(tx, events)), { atMost: 200 })
  expect(ways).toContain('select server by PRIMARY')
})

test('the servers of a status are listed from an index, and counted there for each health request', async () => {
  const byStatus = 'select server by server_status_error_class_desired_idx'
  const ways = await plans.ways(async () => {
    await listServers(prisma, { limit: 50 })
    await listServers(prisma, { limit: 50, status: 'failed', error_class: 'no_capacity' })
  })
  expect(ways).toEqual(['select server by PRIMARY', `${byStatus}, sorted`])
  expect(await plans.ways(() => summarize(prisma), { atMost: 20_100 })).toContain(byStatus)
})

test('as long as nothing is due, a check is one read', async () => {
  await prisma.$executeRaw(
    sql`UPDATE server SET next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE next_attempt_at IS NOT NULL`,
  )
  const found = await plans.of(() =>
    startReconciling({
      admitted: async () => ({ calls: 8, left: 100, inMs: 0, busyNodes: [] }),
      prisma,
      panelId: 'main',
      reconcileServer: async () => {},
      leaseMs: 60_000,
      wakeRelay: () => {},
      log,
    }).stop(),
  )
  expect(found.map(({ way }) => way)).toEqual(['select server by server_panel_id_next_attempt_at_idx'])
})

function orderEvent(data: OrderState): AnyEvent {
  const type = 'order.paid'
  const { order_id: subject, version } = data
  const cause = `${subject}/${version}`
  return { ...newEvent({ source: 'test', cause, type, subject, version, data, time: new Date() }), type }
}
