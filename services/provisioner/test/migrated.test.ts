import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { adapter, migrate } from '@spawnpoint/database'
import { demoPanel as demoWorld } from '@spawnpoint/panel-simulator'
import { migrationsOf, owning, type TestDatabase, testDatabase } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { openSeller, paidOrder } from './seller.ts'

// The schema of before there were several panels, its rows, and the service of today.

let owned: ReturnType<typeof owning>
let database: TestDatabase
let prisma: PrismaClient

beforeEach(async () => {
  owned = owning()
  database = await testDatabase()
  prisma = new PrismaClient({ adapter: adapter(database.url) })
  owned.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  await migrateBefore('20261128000000_panels')
})

afterEach(() => owned[Symbol.asyncDispose]())

test('servers from before there were several panels belong to main, and are reconciled', async () => {
  await insertAsBefore()
  await migrate({ url: database.url, directory: migrationsOf.provisioner })
  const seller = owned.own(await openSeller({ database }))
  for (const table of ['server', 'allocation_claim', 'node_capacity', 'plan_spec', 'panel_user', 'drift'])
    expect(await prisma.$queryRawUnsafe(`SELECT DISTINCT panel_id FROM ${table}`)).toEqual([
      { panel_id: 'main' },
    ])
  expect(await seller.prisma.region.findMany({ where: { region: 'old' } })).toEqual([
    { region: 'old', panelId: 'main' },
  ])
  // Its server was never made: on it goes, on the place that was promised, for the user that is known.
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ node: 2, allocation: 77, user: 2 }])
  // A place that somebody holds is his.
  await seller.sell(paidOrder('o-2', { region: 'old' }))
  await seller.provisioned('o-2')
  expect(seller.onPanel('o-2')).toMatchObject([{ node: 2, allocation: 78 }])
})

test('an older replica beside the new ones writes rows of main, which the new ones take', async () => {
  await migrate({ url: database.url, directory: migrationsOf.provisioner })
  const seller = owned.own(await openSeller({ database }))
  await insertAsBefore()
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ node: 2, allocation: 77, user: 2 }])
  // What it does again and again finds what is there.
  await prisma.$executeRawUnsafe(lockNodeAsBefore)
  await prisma.$executeRawUnsafe(rememberUserAsBefore)
  expect(await prisma.nodeCapacity.count({ where: { nodeId: 2 } })).toBe(1)
  expect(await prisma.panelUser.count()).toBe(1)
})

const lockNodeAsBefore = 'INSERT INTO node_capacity (node_id) VALUES (2) ON DUPLICATE KEY UPDATE node_id = 2'
const rememberUserAsBefore = `INSERT INTO panel_user (customer_key, ptero_user_id) VALUES (SHA2('id:c-1', 256), 2)
  ON DUPLICATE KEY UPDATE ptero_user_id = 2`

async function insertAsBefore(): Promise<void> {
  const order = paidOrder('o-1', {
    region: 'old',
    // Whom the panel has as its user 2.
    customer: { id: 'c-1', email: demoWorld().users.find(({ id }) => id === 2)?.email ?? '', name: 'C One' },
  })
  await prisma.$executeRawUnsafe(
    `INSERT INTO plan_spec (plan, ptero_egg_id, limits, feature_limits, environment) VALUES ('other', 1, '{}', '{}', '{}')`,
  )
  await prisma.$executeRawUnsafe(
    `INSERT INTO region_node_map (region, node_id, weight, enabled, cpu) VALUES ('old', 2, 1, 1, NULL)`,
  )
  await prisma.$executeRawUnsafe(lockNodeAsBefore)
  await prisma.$executeRawUnsafe(rememberUserAsBefore)
  for (const [allocation, id] of Object.entries({ 77: 'o-1', 78: 'o-2' }))
    await prisma.$executeRawUnsafe(
      `INSERT INTO allocation_claim (allocation_id, node_id, order_id, position, port, memory, disk, cpu, reserved_until,
         order_version, created_at)
       VALUES (?, 2, ?, 0, 25591, 2048, 10240, 100, NULL, 2, UTC_TIMESTAMP(3))`,
      Number(allocation),
      id,
    )
  await prisma.$executeRawUnsafe(
    `INSERT INTO drift (id, version, kind, state, \`fields\`, finding, found_at, seen_at)
     VALUES (UUID(), 1, 'orphan', 'over', '', 'x', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  await prisma.$executeRawUnsafe(
    `INSERT INTO server (order_id, desired, order_version, order_state, status, next_attempt_at, created_at, updated_at)
     VALUES ('o-1', 'running', 2, ?, 'none', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    JSON.stringify(order),
  )
}

/** As far as the service of before knew them. */
async function migrateBefore(name: string): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-migrations-'))
  const isBefore = (path: string) => !/^\d{14}_/.test(basename(path)) || basename(path) < name
  cpSync(migrationsOf.provisioner, directory, { recursive: true, filter: isBefore })
  await migrate({ url: database.url, directory })
  rmSync(directory, { recursive: true })
}
