import type { SayAgain } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { appendOutbox } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { paymentAgain, subscriptionAgain } from '../rules/events.ts'
import { listPayments } from '../store/payments.ts'
import { listSubscriptions } from '../store/subscriptions.ts'

/** Says the newest state of these again, for whoever missed it: as new events, which change nothing where they were heard. */
export function saysMoneyAgain({ prisma, wakeRelay }: { prisma: PrismaClient; wakeRelay: () => void }) {
  return async ({ request_id, ids }: SayAgain): Promise<{ said: number }> => {
    if (ids.length === 0) return { said: 0 }
    const said = await inTransaction(prisma, async (tx) => {
      const payments = await listPayments(tx, ids)
      const subscriptions = await listSubscriptions(tx, ids)
      const again = [
        ...payments.map((payment) => paymentAgain(payment, request_id)),
        ...subscriptions.map((subscription) => subscriptionAgain(subscription, request_id)),
      ]
      await appendOutbox(tx, again)
      return again.length
    })
    wakeRelay()
    return { said }
  }
}
