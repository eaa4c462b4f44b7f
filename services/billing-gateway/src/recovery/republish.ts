import {
  type Envelope,
  type Payment,
  paymentSchema,
  type SayAgain,
  type Subscription,
  subscriptionSchema,
} from '@spawnpoint/contracts'
import { inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'

/** Says the newest state of these again, for whoever missed it: as new events, which change nothing where they were heard. */
export function saysMoneyAgain({ prisma, wakeRelay }: { prisma: PrismaClient; wakeRelay: () => void }) {
  return async ({ request_id, ids }: SayAgain): Promise<{ said: number }> => {
    if (ids.length === 0) return { said: 0 }
    const said = await inTransaction(prisma, async (tx) => {
      const payments = (
        await read(tx, sql`SELECT state FROM payment WHERE version > 0 AND id IN (${join(ids)})`)
      ).map((state) => paymentSchema.parse(state))
      const subscriptions = (
        await read(tx, sql`SELECT state FROM subscription WHERE version > 0 AND id IN (${join(ids)})`)
      ).map((state) => subscriptionSchema.parse(state))
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

async function read(tx: Transaction, query: ReturnType<typeof sql>): Promise<unknown[]> {
  const rows = await tx.$queryRaw<{ state: string }[]>(query)
  return rows.map(({ state }) => JSON.parse(state))
}

function paymentAgain(payment: Payment, requestId: string): Envelope {
  const { payment_id: subject, version } = payment
  const type = newsOf(payment)
  return newEvent({ ...again(subject, requestId), type, subject, version, data: payment })
}

function newsOf({ status, refunded = 0, refund_pending = 0, dispute, fraud_warning }: Payment) {
  if (status === 'pending') return 'payment.pending'
  if (status === 'failed' || status === 'expired') return 'payment.failed'
  if (dispute) return 'payment.disputed'
  if (refunded + refund_pending > 0) return 'payment.refunded'
  return fraud_warning ? 'payment.flagged' : 'payment.succeeded'
}

function subscriptionAgain(subscription: Subscription, requestId: string): Envelope {
  const { subscription_id: subject, status, version } = subscription
  const isOver = status === 'canceled' || status === 'incomplete_expired'
  const type = isOver ? 'subscription.ended' : 'subscription.changed'
  return newEvent({ ...again(subject, requestId), type, subject, version, data: subscription })
}

function again(id: string, requestId: string) {
  return { source: 'billing-gateway', cause: `again/${requestId}/${id}`, time: new Date() }
}
