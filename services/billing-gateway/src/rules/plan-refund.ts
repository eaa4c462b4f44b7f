import type { Payment } from '@spawnpoint/contracts'
import type { RefundRequest } from './refund-request.ts'

/** The fields of Stripe's refund that decide. */
export type StripeRefund = {
  id: string
  amount: number
  status: string | null
  metadata: Record<string, string> | null
}

export type RefundPlan =
  | { do: 'create'; amount: number }
  /** Refunded already, by an earlier attempt or by hand. */
  | { do: 'nothing'; refundId: string | null; note: string }
  | { do: 'fail'; why: string }

/** What to do now, given the refunds at Stripe: never refunds more than was paid, and never twice. */
export function planRefund(request: RefundRequest, payment: Payment, refunds: StripeRefund[]): RefundPlan {
  const active = refunds.filter(({ status }) => status !== 'failed' && status !== 'canceled')
  const ours = active.find(({ metadata }) => metadata?.refund_request_id === request.id)
  if (ours) return { do: 'nothing', refundId: ours.id, note: `Refunded with ${ours.id}.` }
  const { paid, payment_id: id } = payment
  if (payment.status !== 'succeeded')
    return { do: 'fail', why: `Payment ${id} is ${payment.status}: nothing came in.` }
  if ((payment.collected ?? paid.amount) === 0)
    return { do: 'nothing', refundId: null, note: `Nothing was charged for ${id}.` }
  if (paid.currency !== request.currency)
    return { do: 'fail', why: `Payment ${id} is in ${paid.currency}, the request in ${request.currency}.` }
  if (payment.dispute === 'open' || payment.dispute === 'lost')
    return {
      do: 'fail',
      why: `The buyer's bank has taken the money of ${id} back itself: the dispute is ${payment.dispute}.`,
    }
  if (payment.returned)
    return { do: 'fail', why: `The bank has returned the direct debit of ${id}: nothing came in.` }
  const rest = (payment.collected ?? paid.amount) - active.reduce((sum, { amount }) => sum + amount, 0)
  if (rest > 0) return { do: 'create', amount: Math.min(request.amount, rest) }
  const [last] = active
  return { do: 'nothing', refundId: last?.id ?? null, note: `It was refunded already, with ${last?.id}.` }
}
