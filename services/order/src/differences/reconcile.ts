import { moneyStatement, type ServerStanding, serverStatement } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import type { z } from 'zod'
import type { PrismaClient } from '../generated/client.ts'
import type { AskContext } from '../placing/ask-provisioner.ts'
import {
  comparePayment,
  compareServer,
  compareSubscription,
  type Found,
  isOfServer,
} from './find-differences.ts'
import { moneyDifferences } from './money-differences.ts'
import { ordersOf, readOrdersAfter } from './read-known-orders.ts'
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
  const money = await compareMoney(deps)
  const servers = await compareServers(deps)
  const recorded = await recordDifferences(deps.prisma, [...money.found, ...servers.found], (kind, subject) =>
    (isOfServer(kind) ? servers : money).compared.has(subject),
  )
  const { payments, subscriptions } = money
  return { payments, subscriptions, orders: servers.compared.size, ...recorded }
}

async function compareMoney({ prisma, quietMs, ...deps }: ReconcileDeps) {
  const found: Found[] = []
  const compared = new Set<string>()
  const counts = { payments: 0, subscriptions: 0 }
  for (const of of ['payments', 'subscriptions'] as const)
    for (let after: string | null = ''; after !== null; ) {
      const page: Statement = await ask({ ...asking(deps), contract: moneyStatement, request: { of, after } })
      for (const { thing, orderId, order } of await ordersOf(prisma, page.payments, quietMs)) {
        compared.add(thing.payment_id)
        found.push(...comparePayment(thing, orderId, order))
      }
      for (const { thing, orderId, order } of await ordersOf(prisma, page.subscriptions, quietMs)) {
        compared.add(thing.subscription_id)
        found.push(...compareSubscription(thing, orderId, order))
      }
      counts.payments += page.payments.length
      counts.subscriptions += page.subscriptions.length
      after = page.next
    }
  return { found, compared, ...counts }
}

type Statement = z.infer<typeof moneyStatement.reply>

async function compareServers(deps: ReconcileDeps): Promise<{ found: Found[]; compared: Set<string> }> {
  const found: Found[] = []
  const compared = new Set<string>()
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
    for (const order of page.orders) {
      compared.add(order.order_id)
      found.push(...compareServer(order, standing.get(order.order_id) ?? null))
      found.push(...moneyDifferences(order.order_id, order.findings))
    }
    after = page.next
  }
  return { found, compared }
}

async function serversOf(deps: ReconcileDeps, order_ids: string[]): Promise<Map<string, ServerStanding>> {
  if (order_ids.length === 0) return new Map()
  const { servers } = await ask({ ...asking(deps), contract: serverStatement, request: { order_ids } })
  return new Map(servers.map((server) => [server.order_id, server]))
}

function asking({ nats, answerWithinMs: timeoutMs }: AskContext) {
  return { nats, timeoutMs }
}
