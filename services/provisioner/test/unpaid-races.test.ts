import { sql } from '@spawnpoint/database'
import { eventually, owning } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { reserveOnNode } from '../src/capacity/reserve-on-node.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { lockNodes } from '../src/store/reservations.ts'
import { openOwnDatabase } from './own-database.ts'

const cleanUp = owning()
let prisma: PrismaClient

beforeAll(async () => {
  prisma = await openOwnDatabase(cleanUp)
  // A lock waits for a row that is there.
  for (const nodeId of [1, 3]) await prisma.$transaction((tx) => lockNodes(tx, 'main', [nodeId]))
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

const size = { memory: 1_024, disk: 1_024, cpu: 0 }
const now = new Date(Date.now() - 60_000)
const node = {
  ...{ id: 1, name: 'n', fqdn: 'n.example.com', location_id: 1, public: true, maintenance_mode: false },
  ...{ memory: 65_536, disk: 65_536, memory_overallocate: 0, disk_overallocate: 0 },
  allocated_resources: { memory: 0, disk: 0 },
}

/** On node 1, for an order that is not paid: of the two places of nodes 1 and 3, one may be held. */
const claim = () =>
  reserveOnNode(prisma, {
    holder: { orderId: 'o-1', orderVersion: 1, reservedUntil: new Date(Date.now() + 60_000) },
    need: { size, extras: [] },
    panelId: 'main',
    host: { node, weight: 1, cpu: null, reserved: { memory: 0, disk: 0, cpu: 0 } },
    free: [{ id: 7, ip: '192.0.2.1', port: 25_565 }],
    shownAt: { node: now, ports: now },
    limit: { region: 'eu', panelId: 'main', nodeIds: [1, 3], size, capacity: 2, share: 0.5 },
  })

test('an unpaid order waits for one that is being placed on another node of the region, and counts it', async () => {
  const { claimed } = await prisma.$transaction(async (other) => {
    await lockNodes(other, 'main', [3])
    const claiming = claim()
    await eventually(somebodyWaits, { everyMs: 250 })
    await other.allocationClaim.create({
      data: {
        ...{ allocationId: 9, nodeId: 3, orderId: 'o-2', createdAt: new Date(), ...size },
        reservedUntil: new Date(Date.now() + 60_000),
      },
    })
    return { claimed: claiming }
  })
  expect(await claimed).toMatchObject({ wait: { class: 'unpaid_capacity_reached' } })
})

async function somebodyWaits(): Promise<void> {
  const [waiting] = await prisma.$queryRaw<{ n: bigint }[]>(
    sql`SELECT COUNT(*) AS n FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id
        WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'`,
  )
  if (Number(waiting?.n) === 0) throw new Error('The claim does not wait yet')
}
