import { inTransaction, sql } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { orderOf, type Server } from '../rules/server.ts'

/** Due now, with a fresh count of attempts; returns the status it has so far. What is there already is only looked at. */
export async function provisionNow(prisma: PrismaClient, orderId: string): Promise<string> {
  const [server] = await prisma.$queryRaw<Server[]>(sql`SELECT * FROM server WHERE order_id = ${orderId}`)
  if (!server)
    throw new Problem(
      404,
      'order_unknown',
      `Nothing was heard of the order ${orderId}. If it exists, replay its events (order.>) to this service, then ask again.`,
    )
  refuseUnwanted(server)
  // Pressed many times at once it can lose a deadlock against the loop that claims due servers.
  await inTransaction(prisma, (tx) =>
    tx.$executeRaw(sql`UPDATE server SET attempts = 0, installing_since = NULL, reinstalls = 0, next_attempt_at = UTC_TIMESTAMP(3)
        WHERE order_id = ${orderId} AND desired = 'running'`),
  )
  return server.status
}

function refuseUnwanted(server: Server): void {
  if (server.desired === 'running') return
  const { status, billing_status } = orderOf(server)
  if (billing_status === 'unpaid' && server.desired === 'none' && status === 'pending')
    throw new Problem(
      409,
      'order_unpaid',
      `Order ${server.order_id} is not paid yet: it gets its server when it is.`,
    )
  throw new Problem(
    409,
    'order_not_running',
    `Order ${server.order_id} is ${status} and ${billing_status}: it is not to have a running server.`,
  )
}
