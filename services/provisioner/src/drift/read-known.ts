import { join, sql, type Transaction } from '@spawnpoint/database'
import { builtOf } from '../built.ts'
import { keyOf } from '../ensure-user.ts'
import { findPlanSpecs } from '../find-plan-spec.ts'
import type { PrismaClient } from '../generated/client.ts'
import { orderOf, type Server } from '../server.ts'
import type { Known } from './find-drifts.ts'

const batchSize = 200

/** The rows that nobody has worked on since, nor is about to: what they say and the panel shows is comparable. */
export async function readKnown(prisma: PrismaClient, since: Date): Promise<Known[]> {
  const known: Known[] = []
  for (let after = ''; ; ) {
    const rows = await quietRows(prisma, { after, since })
    known.push(...(await describe(prisma, rows)))
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return known
    after = last.order_id
  }
}

/** Which of these orders we have heard of. */
export async function readHeard(prisma: Transaction, orderIds: string[]): Promise<Set<string>> {
  const heard = new Set<string>()
  for (let index = 0; index < orderIds.length; index += 1_000) {
    const some = orderIds.slice(index, index + 1_000)
    const rows = await prisma.$queryRaw<{ order_id: string }[]>(
      sql`SELECT order_id FROM server WHERE order_id IN (${join(some)})`,
    )
    for (const { order_id } of rows) heard.add(order_id)
  }
  return heard
}

type Row = Pick<Server, 'order_id' | 'desired' | 'order_state' | 'built_state' | 'status' | 'generation'> &
  Pick<Server, 'ptero_server_id' | 'ptero_uuid'>

async function quietRows(
  prisma: Transaction,
  { after, since }: { after: string; since: Date },
): Promise<Row[]> {
  return await prisma.$queryRaw<Row[]>(
    sql`SELECT order_id, desired, order_state, built_state, status, generation, ptero_server_id, ptero_uuid FROM server
        WHERE order_id > ${after} AND order_version > 0 AND next_attempt_at IS NULL AND lease_token IS NULL
          AND updated_at < ${since}
        ORDER BY order_id LIMIT ${batchSize}`,
  )
}

async function describe(prisma: PrismaClient, rows: Row[]): Promise<Known[]> {
  const described = rows.map((row) => {
    const order = orderOf(row)
    return { row, plan: builtOf(row).plan ?? order.plan, customerKey: keyOf(order.customer) }
  })
  const [specs, users] = await Promise.all([
    findPlanSpecs(prisma, [...new Set(described.map(({ plan }) => plan))]),
    prisma.panelUser.findMany({
      where: { customerKey: { in: described.map(({ customerKey }) => customerKey) } },
    }),
  ])
  const userOf = new Map(users.map((user) => [user.customerKey, user.pteroUserId]))
  return described.map(({ row, plan, customerKey }) => ({
    order_id: row.order_id,
    desired: row.desired,
    status: row.status,
    generation: row.generation,
    ptero_server_id: row.ptero_server_id,
    ptero_uuid: row.ptero_uuid,
    user: userOf.get(customerKey) ?? null,
    limits: specs.get(plan)?.limits ?? null,
  }))
}
