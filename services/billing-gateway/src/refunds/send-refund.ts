import type { Payment } from '@spawnpoint/contracts'
import { failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { planRefund } from '../rules/plan-refund.ts'
import { idempotencyKeyOf, type RefundEnd, type RefundRequest } from '../rules/refund-request.ts'
import { findPayment, readChargeIds } from '../store/payments.ts'
import { renewClaim } from '../store/refund-attempts.ts'
import { type Charged, findCharged } from '../stripe/find-charged.ts'
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
  const payment = await findPayment(prisma, request.paymentId)
  if (!payment) throw new Error(`Payment ${request.paymentId} is not known here yet.`)
  const key = idempotencyKeyOf(request)
  if (payment.subscription_id) {
    const end = { id: payment.subscription_id, idempotencyKey: `${key}:cancel`, livemode }
    fetched.push(...(await endSubscription(stripe, end)))
  }

  const charged = await findCharged(stripe, payment, await readChargeIds(prisma, payment.payment_id))
  const lookedAt = new Date()
  const refunds = await refundsOf(stripe, charged)
  const plan = planRefund(request, payment, refunds)
  if (plan.do === 'fail') return { status: 'failed', error: plan.why }
  if (plan.do === 'nothing') {
    fetched.push(
      ...refunds.map((refund) => eventOfType(refund, { type: 'refund.updated', at: lookedAt, livemode })),
    )
    return { status: 'done', refundId: plan.refundId, note: plan.note }
  }
  if (!charged) return { status: 'failed', error: notCharged(payment) }

  if (!(await renewClaim(prisma, request, leaseMs))) return 'taken-over'
  failpoint('refund.before-create')
  const at = new Date()
  const metadata = { refund_request_id: request.id, order_id: request.orderId }
  const refund = await stripe.refunds.create(
    { ...charged, amount: plan.amount, metadata },
    { idempotencyKey: key },
  )
  failpoint('refund.after-create')
  fetched.push(eventOfType(refund, { type: 'refund.created', at, livemode }))
  return { status: 'done', refundId: refund.id, note: `Refunded with ${refund.id}.` }
}

/** All refunds of a charge, newest first. */
export async function refundsOf(stripe: Stripe, charged: Charged | null): Promise<Stripe.Refund[]> {
  if (!charged) return []
  return await stripe.refunds.list({ ...charged, limit: 100 }).autoPagingToArray({ limit: 1_000 })
}

function notCharged({ payment_id: id }: Payment): string {
  return `Stripe has no charge of payment ${id}: it was paid by other means, and has to go back the same way.`
}
