import { sql } from '@spawnpoint/database'
import { owning } from '@spawnpoint/stack'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { reserveOnNode } from '../src/capacity/reserve-on-node.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { removeOldReservations } from '../src/store/reservations.ts'
import { openOwnDatabase } from './own-database.ts'

const cleanUp = owning()
let prisma: PrismaClient

beforeAll(async () => {
  prisma = await openOwnDatabase(cleanUp)
})
beforeEach(() => prisma.allocationClaim.deleteMany())
afterAll(() => cleanUp[Symbol.asyncDispose]())

const shownAt = new Date(Date.now() - 60_000)
const before = new Date(shownAt.getTime() - 1_000)
const after = new Date(shownAt.getTime() + 1_000)
const size = { memory: 1_024, disk: 1_024, cpu: 0 }
const roomy = { memory: 65_536, disk: 65_536, memory_overallocate: 0, disk_overallocate: 0 }
const node = {
  ...{ id: 1, name: 'n', fqdn: 'n.example.com', location_id: 1, public: true, maintenance_mode: false },
  ...roomy,
  allocated_resources: { memory: 0, disk: 0 },
}

/** On node 1, whose only free port is allocation 7. */
const claimFor = (orderId: string) =>
  reserveOnNode(prisma, {
    holder: { orderId, orderVersion: 1, reservedUntil: null },
    need: { size, extras: [] },
    panelId: 'main',
    host: { node, weight: 1, cpu: null, reserved: { memory: 0, disk: 0, cpu: 0 } },
    free: [{ id: 7, ip: '192.0.2.1', port: 25_565 }],
    shownAt: { node: shownAt, ports: shownAt },
  })

const remember = (claim: { nodeId: number; onPanelAt: Date | null }) =>
  prisma.allocationClaim.create({
    data: { allocationId: 7, orderId: 'o-former', ...size, createdAt: before, ...claim },
  })

const holders = async () =>
  (await prisma.allocationClaim.findMany()).map(({ orderId, nodeId }) => `${orderId} on ${nodeId}`)

test.each([
  ['whose server was there before it was shown free', { nodeId: 1, onPanelAt: before }],
  ['of a node that has it no more', { nodeId: 2, onPanelAt: null }],
])('a port %s is given to the next, in one transaction', async (_, former) => {
  await remember(former)
  expect(await claimFor('o-1')).toEqual({ panelId: 'main', nodeId: 1, ports: [{ id: 7, port: 25_565 }] })
  expect(await holders()).toEqual(['o-1 on 1'])
})

test.each([
  ['not made yet', null],
  ['made since it was shown free', after],
])('a port whose server is %s stays reserved', async (_, onPanelAt) => {
  await remember({ nodeId: 1, onPanelAt })
  expect(await claimFor('o-1')).toBeNull()
  expect(await holders()).toEqual(['o-former on 1'])
})

test('of two concurrent reservations of one port one succeeds', async () => {
  await remember({ nodeId: 1, onPanelAt: before })
  const places = await Promise.all(['o-1', 'o-2', 'o-3'].map(claimFor))
  expect(places.filter((place) => place !== null)).toHaveLength(1)
  expect(await holders()).toHaveLength(1)
})

test('what is long on the panel is forgotten once it is installed', async () => {
  const longAgo = new Date(Date.now() - 400_000)
  await remember({ nodeId: 1, onPanelAt: longAgo })
  await prisma.$executeRaw(
    sql`INSERT INTO server (order_id, desired, order_version, order_state, status, created_at, updated_at)
        VALUES ('o-former', 'running', 1, '{}', 'provisioning', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  expect(await removeOldReservations(prisma)).toBe(0)
  expect(await holders()).toHaveLength(1)
  await prisma.server.updateMany({ data: { status: 'provisioned' } })
  expect(await removeOldReservations(prisma)).toBe(1)
  expect(await holders()).toEqual([])
})
