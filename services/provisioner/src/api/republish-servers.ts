import type { SayAgain } from '@spawnpoint/contracts'
import { inTransaction, join, sql } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { type Server, serverState } from '../rules/server.ts'

/** Says the newest state of these servers again, for whoever missed it: as new events, which change nothing where they were heard. */
export function saysServersAgain({ prisma, wakeRelay }: { prisma: PrismaClient; wakeRelay: () => void }) {
  return async ({ request_id, ids }: SayAgain): Promise<{ said: number }> => {
    if (ids.length === 0) return { said: 0 }
    const said = await inTransaction(prisma, async (tx) => {
      const servers = await tx.$queryRaw<Server[]>(sql`SELECT * FROM server WHERE order_id IN (${join(ids)})`)
      const again = servers.flatMap((server) =>
        server.status === 'none' ? [] : [againOf(server, request_id)],
      )
      await appendOutbox(tx, again)
      return again.length
    })
    wakeRelay()
    return { said }

    function againOf(server: Server, requestId: string) {
      const status = server.status === 'none' ? 'waiting' : server.status
      return newEvent({
        source: 'provisioner',
        cause: `again/${requestId}/${server.order_id}`,
        type: `server.${status}`,
        subject: server.order_id,
        version: server.version,
        data: serverState(server, status),
        time: new Date(),
      })
    }
  }
}
