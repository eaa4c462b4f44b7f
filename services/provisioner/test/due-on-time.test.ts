import { setTimeout as delay } from 'node:timers/promises'
import { sql } from '@spawnpoint/database'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, owning } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startReconciling } from '../src/control-loop/reconcile-due-servers.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { openOwnDatabase } from './own-database.ts'

const cleanUp = owning()
let prisma: PrismaClient

beforeAll(async () => {
  prisma = await openOwnDatabase(cleanUp)
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

test('a server that is due in a moment is reconciled then, also while another is being reconciled', async () => {
  const late: number[] = []
  let dueAt = Number.POSITIVE_INFINITY
  const reconciler = startReconciling({
    admitted: async () => ({ calls: 8, left: 100, inMs: 0, busyNodes: [] }),
    prisma,
    panelId: 'main',
    reconcileServer: async ({ order_id }) => {
      if (order_id === 'slow') return void (await delay(1_500))
      late.push(performance.now() - dueAt)
      await prisma.server.update({ where: { orderId: order_id }, data: { nextAttemptAt: null } })
    },
    leaseMs: 60_000,
    wakeRelay: () => {},
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  cleanUp.own({ [Symbol.asyncDispose]: reconciler.stop })
  for (const round of [1, 2, 3]) {
    await prisma.server.deleteMany()
    await insert('slow', 0)
    await insert(`soon-${round}`, 120)
    dueAt = performance.now() + 120
    reconciler.wake()
    await eventually(() => expect(late).toHaveLength(round))
  }
  // Without an alarm of its own it would be 380, from one look to the next.
  expect(Math.min(...late)).toBeLessThan(300)
})

function insert(orderId: string, dueInMs: number) {
  return prisma.$executeRaw(
    sql`INSERT INTO server (order_id, desired, order_version, order_state, status, next_attempt_at, created_at, updated_at)
        VALUES (${orderId}, 'running', 1, '{}', 'none', UTC_TIMESTAMP(3) + INTERVAL ${dueInMs * 1_000} MICROSECOND,
          UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
}
