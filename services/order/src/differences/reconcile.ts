import { moneyStatement, type ServerStanding, serverStatement } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import type { AskContext } from '../ask-provisioner.ts'
import type { PrismaClient } from '../generated/client.ts'
import { orderIdOf, orderIdOfSubscription } from '../order-id-of.ts'
import {
  comparePayment,
  compareServer,
  compareSubscription,
  type Found,
  type KnownOrder,
} from './find-differences.ts'
import { readKnownOrders, readOrdersAfter } from './read-known-orders.ts'
import { recordDifferences } from './record-differences.ts'

export type ReconcileDeps = AskContext & {
  prisma: PrismaClient
  /** What changed within this time may still be on its way, and is not compared. */
  quietMs: number
}

export type Reconciled = {
  payments: number
  subscriptions: number
  orders: number
  found: number
  told: number
  over: number
}

/**
 * Compares what the gateway knows of the money, the orders, and what the provisioner knows of their servers. Nothing is
 * written before all three were heard to the end: with one of them away nothing is taken for settled.
 */
export async function reconcile(deps: ReconcileDeps): Promise<Reconciled> {
  const begunAt = new Date()
  const money = await compareMoney(deps)
  const servers = await compareServers(deps)
  const recorded = await recordDifferences(deps.prisma, [...money.found, ...servers.found], { begunAt })
  const { payments, subscriptions } = money
  return { payments, subscriptions, orders: servers.orders, ...recorded }
}

async function compareMoney(deps: ReconcileDeps) {
  const found: Found[] = []
  const counts = { payments: 0, subscriptions: 0 }
  for (const of of ['payments', 'subscriptions'] as const)
    for (let after: string | null = ''; after !== null; ) {
      const page: Statement = await ask({
        ...asking(deps),
        contract: moneyStatement,
        request: { of, after },
      })
      const wanted = [...page.payments.map(orderIdOf), ...page.subscriptions.map(orderIdOfSubscription)]
      const orders = await readKnownOrders(deps.prisma, wanted, deps.quietMs)
      const both = <Thing>(things: Thing[], idOf: (thing: Thing) => string, compare: Compare<Thing>) =>
        things.flatMap((thing) => {
          const order = orders.get(idOf(thing))
          return order === 'busy' ? [] : compare(thing, idOf(thing), order ?? null)
        })
      found.push(...both(page.payments, orderIdOf, comparePayment))
      found.push(...both(page.subscriptions, orderIdOfSubscription, compareSubscription))
      counts.payments += page.payments.length
      counts.subscriptions += page.subscriptions.length
      after = page.next
    }
  return { found, ...counts }
}

type Statement = (typeof moneyStatement.reply)['_output']
type Compare<Thing> = (thing: Thing, orderId: string, order: KnownOrder | null) => Found[]

async function compareServers(deps: ReconcileDeps): Promise<{ found: Found[]; orders: number }> {
  const found: Found[] = []
  let orders = 0
  for (let after: bigint | null = 0n; after !== null; ) {
    const page: Awaited<ReturnType<typeof readOrdersAfter>> = await readOrdersAfter(
      deps.prisma,
      after,
      deps.quietMs,
    )
    const standing = await serversOf(
      deps,
      page.orders.map(({ order_id }) => order_id),
    )
    found.push(...page.orders.flatMap((order) => compareServer(order, standing.get(order.order_id) ?? null)))
    orders += page.orders.length
    after = page.next
  }
  return { found, orders }
}

async function serversOf(deps: ReconcileDeps, order_ids: string[]): Promise<Map<string, ServerStanding>> {
  if (order_ids.length === 0) return new Map()
  const { servers } = await ask({ ...asking(deps), contract: serverStatement, request: { order_ids } })
  return new Map(servers.map((server) => [server.order_id, server]))
}

function asking({ nats, answerWithinMs: timeoutMs }: ReconcileDeps) {
  return { nats, timeoutMs }
}
