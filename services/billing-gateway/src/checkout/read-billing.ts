import type { Payment, readBilling, Subscription } from '@spawnpoint/contracts'
import type Stripe from 'stripe'
import type { z } from 'zod'
import type { PrismaClient } from '../generated/client.ts'
import { findPayment, findStoredPayment, paymentIdsOf } from '../store/payments.ts'
import { readAsOf } from '../store/subscriptions.ts'
import { all, completeInvoice, completeSubscription, readInvoice } from '../stripe/complete-lists.ts'
import { asRefusal, isMissing } from '../stripe/errors.ts'
import { findCharged } from '../stripe/find-charged.ts'
import { listOthersOfOrder } from '../stripe/others-of-order.ts'
import { pendingPrices } from '../stripe/pending-prices.ts'
import { recordStripeState, type StripeState, unknown } from './record-stripe-state.ts'

export type SubscriptionContext = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  /** Events were published and stored in the journal. */
  wake: () => void
}
type Request = z.infer<typeof readBilling.request>
type Reply = z.infer<typeof readBilling.reply>
type BillingQuery = Pick<Request, 'payment_ids' | 'with_pending' | 'with_others'> & { id: string | null }

const pageSize = 100
const maxOthers = 20

/**
 * Stripe's current state: the subscription, all its invoices, and the refunds and disputes of the given payments. The caller
 * is about to do what cannot be undone, and an event may have been lost.
 */
export function createBillingReader({ prisma, stripe, livemode, wake }: SubscriptionContext) {
  return async ({ subscription_id: id, ...asked }: Request): Promise<Reply> => {
    const asOf = id === null ? new Date(0) : await readAsOf(prisma, id)
    const query = { id, ...asked }
    const { pending, ...state } = await lookup({ prisma, stripe }, query).catch((error) => {
      throw id !== null && isMissing(error) ? unknown(id) : asRefusal(error)
    })
    const recorded = await recordStripeState(prisma, state, { id, asOf, livemode })
    const { subscription, others, hasChanged } = recorded
    if (hasChanged) wake()
    const payments = await paymentsOf(prisma, query)
    return {
      ...{ subscription, payments },
      ...(pending ? { pending_prices: pending } : {}),
      ...(asked.with_others ? { other_subscriptions: others.slice(0, maxOthers) } : {}),
    }
  }
}

/** The subscription with its invoices only: for replicas of the order service of an earlier version. */
export function createSubscriptionReader(context: SubscriptionContext) {
  const read = createBillingReader(context)
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

type Context = Pick<SubscriptionContext, 'prisma' | 'stripe'>

type State = StripeState & { pending: string[] | null }

async function lookup(
  { prisma, stripe }: Context,
  { id, payment_ids, with_pending = false, with_others = false }: BillingQuery,
): Promise<State> {
  const returned =
    id === null ? null : await completeSubscription(stripe, await stripe.subscriptions.retrieve(id))
  const invoices = id === null ? [] : await invoicesOf(stripe, id)
  const moves: StripeState['others'] = []
  for (const paymentId of payment_ids) moves.push(...(await movesOf({ prisma, stripe }, paymentId)))
  const pending = returned && with_pending ? await pendingOf(stripe, returned) : null
  const others = returned && with_others ? await othersOf(stripe, returned) : []
  return { returned, others: [...invoices, ...moves, ...others], pending }
}

/** Prorations wait as invoice items of the customer. Source: docs.stripe.com/api/invoiceitems/list (`pending`). */
async function pendingOf(stripe: Stripe, { id, customer }: Stripe.Subscription): Promise<string[]> {
  const items = await all(
    stripe.invoiceItems.list({ customer: String(customer), pending: true, limit: pageSize }),
  )
  return pendingPrices(items, id)
}

async function invoicesOf(stripe: Stripe, subscription: string): Promise<Stripe.Invoice[]> {
  const listed = await all(stripe.invoices.list({ subscription, limit: pageSize, expand: ['data.payments'] }))
  const invoices: Stripe.Invoice[] = []
  // The list does not show whether a debit is processing.
  for (const invoice of listed)
    invoices.push(
      invoice.status === 'open' || invoice.status === 'uncollectible'
        ? await readInvoice(stripe, invoice.id)
        : await completeInvoice(stripe, invoice),
    )
  return invoices
}

/** Each after its invoices: who knows of the subscription knows of its payments. */
async function othersOf(stripe: Stripe, own: Stripe.Subscription): Promise<StripeState['others']> {
  const found: StripeState['others'] = []
  for (const other of await listOthersOfOrder(stripe, own))
    found.push(...(await invoicesOf(stripe, other.id)), await completeSubscription(stripe, other))
  return found
}

async function movesOf({ prisma, stripe }: Context, paymentId: string) {
  const payment = await findStoredPayment(prisma, paymentId)
  const moves: StripeState['others'] = []
  for (const { charged } of payment ? await findCharged(stripe, payment) : [])
    moves.push(
      ...(await all(stripe.refunds.list({ ...charged, limit: pageSize }))),
      ...(await all(stripe.disputes.list({ ...charged, limit: pageSize }))),
    )
  return moves
}

async function paymentsOf(prisma: PrismaClient, { id, payment_ids }: BillingQuery): Promise<Payment[]> {
  const ids = new Set([...payment_ids, ...(id === null ? [] : await paymentIdsOf(prisma, id))])
  const payments: Payment[] = []
  for (const each of ids) {
    const payment = await findPayment(prisma, each)
    if (payment) payments.push(payment)
  }
  return payments
}
