import { type ServerStatement, serverStatement } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import { billingDiscrepancies } from '../rules/discrepancies/billing-discrepancies.ts'
import { compareServer, type Found } from '../rules/discrepancies/find-discrepancies.ts'
import type { Extent, ReconcileDeps } from './extent.ts'
import { readOrdersAfter } from './known-orders.ts'

/** Each order, and where the provisioner has its server. */
export async function compareServers(
  deps: ReconcileDeps,
  { since, atMost }: Extent,
): Promise<{ found: Found[]; compared: Set<string>; isCut: boolean }> {
  const found: Found[] = []
  const compared = new Set<string>()
  let isCut = false
  for (let after: bigint | null = 0n; after !== null; ) {
    const { quietMs } = deps
    const page: Awaited<ReturnType<typeof readOrdersAfter>> = await readOrdersAfter(deps.prisma, after, {
      quietMs,
      since,
    })
    const servers = await serversOf(
      deps,
      page.orders.map(({ order_id }) => order_id),
    )
    for (const order of page.orders) {
      compared.add(order.order_id)
      found.push(...compareServer(order, servers.get(order.order_id) ?? null))
      found.push(...billingDiscrepancies(order.order_id, order.findings))
    }
    const isFull = compared.size >= atMost
    isCut ||= isFull && page.next !== null
    after = isFull ? null : page.next
  }
  return { found, compared, isCut }
}

async function serversOf(
  { nats, answerWithinMs: timeoutMs }: ReconcileDeps,
  order_ids: string[],
): Promise<Map<string, ServerStatement>> {
  if (order_ids.length === 0) return new Map()
  const request = { order_ids }
  const { servers } = await ask({ nats, timeoutMs, contract: serverStatement, request })
  return new Map(servers.map((server) => [server.order_id, server]))
}
