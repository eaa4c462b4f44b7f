import { billingStatement } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import type { z } from 'zod'
import { comparePayment, compareSubscription, type Found } from '../rules/discrepancies/find-discrepancies.ts'
import type { Extent, ReconcileDeps } from './extent.ts'
import { ordersOf } from './known-orders.ts'

type Statement = z.infer<typeof billingStatement.reply>

/** Each payment and subscription that the gateway knows, and the order that it is of. */
export async function compareBilling(
  { prisma, quietMs, nats, answerWithinMs: timeoutMs }: ReconcileDeps,
  { since, atMost }: Extent,
) {
  const found: Found[] = []
  const compared = new Set<string>()
  const counts = { payments: 0, subscriptions: 0 }
  let isCut = false
  const lately = since === null ? {} : { since: since.toISOString() }
  for (const of of ['payments', 'subscriptions'] as const)
    for (let after: string | null = ''; after !== null; ) {
      const request = { of, after, ...lately }
      const page: Statement = await ask({ nats, timeoutMs, contract: billingStatement, request })
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
      const isFull = counts[of] >= atMost
      isCut ||= isFull && page.next !== null
      after = isFull ? null : page.next
    }
  return { found, compared, isCut, ...counts }
}
