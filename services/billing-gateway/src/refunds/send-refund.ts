import { failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { planRefund, splitRefund } from '../rules/plan-refund.ts'
import { idempotencyKeyOf, type RefundEnd, type RefundRequest } from '../rules/refund-request.ts'
import type { StoredPayment } from '../rules/stored-payment.ts'
import { findStoredPayment } from '../store/payments.ts'
import { renewClaim } from '../store/refund-attempts.ts'
import { dateOf, timeAtStripe } from '../stripe/clock.ts'
import { all } from '../stripe/complete-lists.ts'
import { type Charged, type ChargedPart, findCharged, idOfCharged } from '../stripe/find-charged.ts'
import { eventOfType } from '../stripe/object-event.ts'
import { endSubscription } from './end-subscription.ts'

export type Sending = { prisma: PrismaClient; stripe: Stripe; livemode: boolean; leaseMs: number }

/**
 * One attempt. It reads Stripe first, so that a refund by an earlier attempt or by hand is found and not repeated. The
 * subscription ends even when the refund fails: nothing may renew for a server that is gone. What Stripe returns goes
 * into `fetched`, also when the attempt throws.
 */
export async function sendRefund(
  { prisma, stripe, livemode, leaseMs }: Sending,
  request: RefundRequest,
  fetched: FetchedEvent[],
): Promise<RefundEnd | 'taken-over'> {
  const payment = await findStoredPayment(prisma, request.paymentId)
  if (!payment) throw new Error(`Payment ${request.paymentId} is not known here yet.`)
  const key = idempotencyKeyOf(request)
  if (payment.subscription_id) {
    const end = { id: payment.subscription_id, idempotencyKey: `${key}:cancel`, livemode }
    fetched.push(...(await endSubscription(stripe, end)))
  }

  const parts = await readParts(stripe, payment)
  const refunds = parts.flatMap((part) => part.refunds)
  const plan = planRefund(request, payment, refunds, { isSplit: parts.length > 1 })
  if (plan.do === 'fail') return { status: 'failed', error: plan.why }
  if (plan.do === 'nothing') {
    for (const { refunds: read, readAt: at } of parts)
      fetched.push(...read.map((refund) => eventOfType(refund, { type: 'refund.updated', at, livemode })))
    return { status: 'done', refundId: plan.refundId, note: plan.note }
  }
  const shares = splitRefund(plan.amount, parts, request)
  const created: string[] = []
  for (const [index, { charged }] of parts.entries()) {
    const amount = shares[index] ?? 0
    if (amount === 0) continue
    if (!(await renewClaim(prisma, request, leaseMs))) return 'taken-over'
    failpoint('refund.before-create')
    const idempotencyKey = parts.length === 1 ? key : `${key}:${idOfCharged(charged)}`
    const metadata = { refund_request_id: request.id, order_id: request.orderId }
    const refund = await stripe.refunds.create({ ...charged, amount, metadata }, { idempotencyKey })
    failpoint('refund.after-create')
    created.push(refund.id)
    // A repeated response to the same key has the state of then.
    const at = dateOf(refund.created)
    fetched.push(eventOfType(refund, { type: 'refund.created', at, livemode }))
  }
  const [first] = created
  if (!first) return { status: 'failed', error: notCharged(payment) }
  return { status: 'done', refundId: first, note: `Refunded with ${created.join(', ')}.` }
}

/** `readAt` by Stripe's clock. */
type ReadPart = ChargedPart & { refunds: Stripe.Refund[]; readAt: Date }

/** What was charged for a payment, each with all its refunds, newest first. */
export async function readParts(stripe: Stripe, payment: StoredPayment): Promise<ReadPart[]> {
  const parts: ReadPart[] = []
  for (const part of await findCharged(stripe, payment))
    parts.push({ ...part, ...(await refundsOf(stripe, part.charged)) })
  return parts
}

async function refundsOf(stripe: Stripe, charged: Charged): Promise<Pick<ReadPart, 'refunds' | 'readAt'>> {
  const query = { ...charged, limit: 100 }
  const page = await stripe.refunds.list(query)
  const refunds = page.has_more ? await all(stripe.refunds.list(query)) : page.data
  return { refunds, readAt: timeAtStripe(page.lastResponse) }
}

function notCharged({ payment_id: id }: StoredPayment): string {
  return `Stripe has no charge of payment ${id}: it was paid by other means, and has to go back the same way.`
}
