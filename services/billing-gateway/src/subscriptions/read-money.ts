import type { Payment, readMoney, Subscription } from '@spawnpoint/contracts'
import { sql } from '@spawnpoint/database'
import type Stripe from 'stripe'
import type { z } from 'zod'
import type { PrismaClient } from '../generated/client.ts'
import { findCharged } from '../refunds/find-charged.ts'
import { readPayment } from '../refunds/read-payment.ts'
import { all, completeInvoice, completeSubscription, readInvoice } from '../stripe/complete-lists.ts'
import { asRefusal, isMissing } from '../stripe-client.ts'
import { knownAsOf, type Shown, takeShown, unknown } from './shown-subscription.ts'

export type Subscriptions = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  /** Something was published, and is in the journal. */
  wake: () => void
}
type Request = z.infer<typeof readMoney.request>
type Reply = z.infer<typeof readMoney.reply>
type Found = { shown: Shown | null; others: (Stripe.Invoice | Stripe.Refund | Stripe.Dispute)[] }

type Wanted = { id: string | null; payment_ids: string[] }

const pageSize = 100

/**
 * What Stripe reports at this moment: the subscription, all its invoices, and the refunds and disputes of the payments that are
 * named. Whoever asks is about to do what cannot be undone, and an event may have been lost.
 */
export function readMoneyNow({ prisma, stripe, livemode, wake }: Subscriptions) {
  return async ({ subscription_id: id, payment_ids }: Request): Promise<Reply> => {
    const asOf = id === null ? new Date(0) : await knownAsOf(prisma, id)
    const found = await lookup({ prisma, stripe }, { id, payment_ids }).catch((error) => {
      throw id !== null && isMissing(error) ? unknown(id) : asRefusal(error)
    })
    const { subscription, isNews } = await takeShown(prisma, found, { id, asOf, livemode })
    if (isNews) wake()
    return { subscription, payments: await paymentsOf(prisma, { id, payment_ids }) }
  }
}

/** The subscription alone, with its invoices: for replicas of the order service that ask for no more. */
export function readSubscriptionNow(context: Subscriptions) {
  const read = readMoneyNow(context)
  return async ({
    subscription_id,
  }: {
    subscription_id: string
  }): Promise<{ subscription: Subscription }> => {
    const { subscription } = await read({ subscription_id, payment_ids: [] })
    if (subscription === null) throw unknown(subscription_id)
    return { subscription }
  }
}

type Context = Pick<Subscriptions, 'prisma' | 'stripe'>

async function lookup({ prisma, stripe }: Context, { id, payment_ids }: Wanted): Promise<Found> {
  const shown =
    id === null ? null : await completeSubscription(stripe, await stripe.subscriptions.retrieve(id))
  const invoices = id === null ? [] : await invoicesOf(stripe, id)
  const moves: Found['others'] = []
  for (const paymentId of payment_ids) moves.push(...(await movesOf({ prisma, stripe }, paymentId)))
  return { shown, others: [...invoices, ...moves] }
}

async function invoicesOf(stripe: Stripe, subscription: string): Promise<Stripe.Invoice[]> {
  const listed = await all(stripe.invoices.list({ subscription, limit: pageSize, expand: ['data.payments'] }))
  const invoices: Stripe.Invoice[] = []
  // Whether a debit is under way, the list does not show.
  for (const invoice of listed)
    invoices.push(
      invoice.status === 'open' || invoice.status === 'uncollectible'
        ? await readInvoice(stripe, invoice.id)
        : await completeInvoice(stripe, invoice),
    )
  return invoices
}

async function movesOf({ prisma, stripe }: Context, paymentId: string) {
  const payment = await readPayment(prisma, paymentId)
  const charged = payment && (await findCharged(prisma, stripe, payment))
  if (!charged) return []
  return [
    ...(await all(stripe.refunds.list({ ...charged, limit: pageSize }))),
    ...(await all(stripe.disputes.list({ ...charged, limit: pageSize }))),
  ]
}

async function paymentsOf(prisma: PrismaClient, { id, payment_ids }: Wanted): Promise<Payment[]> {
  const ofSubscription =
    id === null
      ? []
      : await prisma.$queryRaw<{ id: string }[]>(
          sql`SELECT id FROM payment WHERE subscription_id = ${id} ORDER BY created_at DESC LIMIT 150`,
        )
  const ids = new Set([...payment_ids, ...ofSubscription.map((row) => row.id)])
  const payments: Payment[] = []
  for (const each of ids) {
    const payment = await readPayment(prisma, each)
    if (payment) payments.push(payment)
  }
  return payments
}
