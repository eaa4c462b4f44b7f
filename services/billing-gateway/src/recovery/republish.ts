import type { RepublishRequest } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { appendOutbox } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { republishedPayment, republishedSubscription } from '../rules/events.ts'
import { listPayments } from '../store/payments.ts'
import { listSubscriptions } from '../store/subscriptions.ts'

/** Republishes the current state for consumers that missed it: as new events, which change nothing where it was received. */
export function createRepublisher({ prisma, wakeRelay }: { prisma: PrismaClient; wakeRelay: () => void }) {
  return async ({ request_id, ids }: RepublishRequest): Promise<{ said: number }> => {
    if (ids.length === 0) return { said: 0 }
    const said = await inTransaction(prisma, async (tx) => {
      const payments = await listPayments(tx, ids)
      const subscriptions = await listSubscriptions(tx, ids)
      const events = [
        ...payments.map((payment) => republishedPayment(payment, request_id)),
        ...subscriptions.map((subscription) => republishedSubscription(subscription, request_id)),
      ]
      await appendOutbox(tx, events)
      return events.length
    })
    wakeRelay()
    return { said }
  }
}
