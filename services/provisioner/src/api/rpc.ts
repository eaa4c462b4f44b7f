import {
  availability,
  checkChange,
  checkOrder,
  checkRegion,
  provisioningQueue,
  type RepublishRequest,
  recheckServers,
  republishServers,
  reserve,
  serverStatement,
} from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { answerRequests, appendOutbox, type Nats, newEvent } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { countAvailability } from '../capacity/availability.ts'
import { queuedOrders } from '../capacity/queued-orders.ts'
import { reserveForOrder } from '../capacity/reserve-for-order.ts'
import { createCheckOrder } from '../checks/check-order.ts'
import { createCheckPlanChange } from '../checks/check-plan-change.ts'
import { createCheckRegion } from '../checks/check-region.ts'
import { type Server, serverState } from '../rules/server.ts'
import { findServers, giveUpMissing, makeServersDue, serverStates } from '../store/servers.ts'

type Deps = Parameters<typeof reserveForOrder>[0] & {
  nats: Nats
  wakeRelay: () => void
  wakeReconciler: () => void
  log: Logger
}

/** Requests of the order service: before a sale, and when it reconciles its orders with their servers. */
export function answerOrderService(deps: Deps): { stop(): Promise<void> } {
  const { nats, log, prisma } = deps
  const states = async ({ order_ids }: { order_ids: string[] }) => ({
    servers: await serverStates(prisma, order_ids),
  })
  const answering = [
    answerRequests({ nats, contract: checkOrder, handle: createCheckOrder(deps), log }),
    answerRequests({ nats, contract: checkChange, handle: createCheckPlanChange(deps), log }),
    answerRequests({ nats, contract: checkRegion, handle: createCheckRegion(deps), log }),
    answerRequests({ nats, contract: reserve, handle: reserveForOrder(deps), log }),
    answerRequests({ nats, contract: availability, handle: countAvailability(deps), log }),
    answerRequests({ nats, contract: provisioningQueue, handle: queuedOrders(deps), log }),
    answerRequests({ nats, contract: serverStatement, handle: states, log }),
    answerRequests({ nats, contract: republishServers, handle: republishing(deps), log }),
    answerRequests({ nats, contract: recheckServers, handle: rechecking(deps), log }),
  ]
  return {
    stop: async () => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}

/** Publishes the newest state of these servers again, for whoever missed it: as new events, which change nothing where they were processed. */
function republishing({ prisma, wakeRelay }: Pick<Deps, 'prisma' | 'wakeRelay'>) {
  return async ({ request_id, ids }: RepublishRequest): Promise<{ said: number }> => {
    if (ids.length === 0) return { said: 0 }
    const said = await inTransaction(prisma, async (tx) => {
      const servers = await findServers(tx, ids)
      const events = servers.flatMap((server) =>
        server.status === 'none' ? [] : [stateEvent(server, server.status, request_id)],
      )
      await appendOutbox(tx, events)
      return events.length
    })
    wakeRelay()
    return { said }
  }
}

function stateEvent(server: Server, status: Exclude<Server['status'], 'none'>, requestId: string) {
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

/** These servers are due now, whatever is wanted of them; a person has decided that those that are gone are made again. */
function rechecking({ prisma, wakeReconciler }: Pick<Deps, 'prisma' | 'wakeReconciler'>) {
  return async ({ ids }: { ids: string[] }): Promise<{ due: number }> => {
    if (ids.length === 0) return { due: 0 }
    await giveUpMissing(prisma, ids)
    const due = await makeServersDue(prisma, ids, 'anything')
    wakeReconciler()
    return { due }
  }
}
