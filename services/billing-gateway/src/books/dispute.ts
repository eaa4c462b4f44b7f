import type { Payment } from '@spawnpoint/contracts'
import type { StoredPayment } from '../payment.ts'

export const stripeDisputeStatuses = [
  'warning_needs_response',
  'warning_under_review',
  'warning_closed',
  'needs_response',
  'under_review',
  'appeal_needs_response',
  'appeal_under_review',
  'charge_refunded',
  'prevented',
  'won',
  'lost',
] as const

type StripeDisputeStatus = (typeof stripeDisputeStatuses)[number]

export type Dispute = {
  disputeId: string
  paymentIntentId: string | null
  chargeId: string | null
  status: StripeDisputeStatus
  amount: number
  currency: string
  asOf: Date
}

type Standing = NonNullable<Payment['dispute']> | null

/** How far a dispute is, and what that means for its money. A lost one may be appealed: from then on, time decides. */
const meanings: Record<StripeDisputeStatus, { rank: number; standing: Standing }> = {
  warning_needs_response: { rank: 0, standing: 'inquiry' },
  warning_under_review: { rank: 1, standing: 'inquiry' },
  needs_response: { rank: 2, standing: 'open' },
  under_review: { rank: 3, standing: 'open' },
  warning_closed: { rank: 4, standing: null },
  charge_refunded: { rank: 4, standing: null },
  prevented: { rank: 4, standing: null },
  won: { rank: 4, standing: 'won' },
  lost: { rank: 4, standing: 'lost' },
  appeal_needs_response: { rank: 4, standing: 'open' },
  appeal_under_review: { rank: 4, standing: 'open' },
}

/** Two ends of one second: only an appeal makes a second one, so what is worse for the seller came first. */
const inOneSecond: StripeDisputeStatus[] = ['lost', 'appeal_needs_response', 'appeal_under_review', 'won']

export function laterDispute(before: Dispute | undefined, dispute: Dispute): Dispute {
  return before && !isLater(before, dispute) ? before : dispute
}

function isLater(before: Dispute, dispute: Dispute): boolean {
  const ahead = meanings[dispute.status].rank - meanings[before.status].rank
  if (ahead !== 0) return ahead > 0
  if (dispute.asOf.getTime() !== before.asOf.getTime()) return dispute.asOf > before.asOf
  return inOneSecond.indexOf(dispute.status) > inOneSecond.indexOf(before.status)
}

const worstFirst: Standing[] = ['lost', 'open', 'inquiry', 'won']

export function withDisputes(payment: StoredPayment, disputes: Dispute[]): StoredPayment {
  const standings = new Set(disputes.map(({ status }) => meanings[status].standing))
  return { ...payment, dispute: worstFirst.find((standing) => standings.has(standing)) ?? null }
}
