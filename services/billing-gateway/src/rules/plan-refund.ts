import type { Payment } from '@spawnpoint/contracts'
import { isReturnedInWhole } from './period.ts'
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

/** What paid a part of an invoice: how much, and its refunds at Stripe. */
type Part = { amount: number | null; refunds: StripeRefund[] }

/**
 * What to do now, given the refunds at Stripe: never refunds more than was paid, and never twice. `isSplit`: several payments were
 * charged, and an earlier attempt may have refunded some of them only.
 */
export function planRefund(
  request: RefundRequest,
  payment: Payment,
  refunds: StripeRefund[],
  { isSplit = false } = {},
): RefundPlan {
  const active = refunds.filter(isActive)
  const ours = active.filter((refund) => isOurs(refund, request))
  const [first] = ours
  const isDone = !isSplit || sumOf(ours) >= request.amount
  if (first && isDone) return { do: 'nothing', refundId: first.id, note: `Refunded with ${idsOf(ours)}.` }
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
  if (isReturnedInWhole(payment))
    return { do: 'fail', why: `The bank has returned the direct debit of ${id}: nothing came in.` }
  const rest = (payment.collected ?? paid.amount) - (payment.returned_amount ?? 0) - sumOf(active)
  if (rest > 0) return { do: 'create', amount: Math.min(request.amount - sumOf(ours), rest) }
  const [last] = active
  return { do: 'nothing', refundId: last?.id ?? null, note: `It was refunded already, with ${last?.id}.` }
}

/** How much to refund of each of the payments that were charged. One with a refund of this request has had its share. */
export function splitRefund(amount: number, parts: Part[], request: Pick<RefundRequest, 'id'>): number[] {
  let left = amount
  return parts.map((part) => {
    const active = part.refunds.filter(isActive)
    const rest = part.amount === null ? left : Math.max(0, part.amount - sumOf(active))
    const share = active.some((refund) => isOurs(refund, request)) ? 0 : Math.min(left, rest)
    left -= share
    return share
  })
}

function isActive({ status }: StripeRefund): boolean {
  return status !== 'failed' && status !== 'canceled'
}

function isOurs({ metadata }: StripeRefund, { id }: Pick<RefundRequest, 'id'>): boolean {
  return metadata?.refund_request_id === id
}

function sumOf(refunds: StripeRefund[]): number {
  return refunds.reduce((sum, { amount }) => sum + amount, 0)
}

function idsOf(refunds: StripeRefund[]): string {
  return refunds.map(({ id }) => id).join(', ')
}
