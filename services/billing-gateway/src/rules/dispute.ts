import type { Payment } from '@spawnpoint/contracts'
import type { StoredPayment } from './payment.ts'

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
  reason: string | null
  openedAt: Date
  asOf: Date
}

/**
 * Reasons for which a bank returns a direct debit that its customer has not contested: the money never arrived.
 * Source: docs.stripe.com/api/disputes/object (`reason`), docs.stripe.com/payments/sepa-debit (failed payments).
 */
const returnReasons = [
  'insufficient_funds',
  'bank_cannot_process',
  'incorrect_account_details',
  'check_returned',
]

type DisputeState = NonNullable<Payment['dispute']> | null

/** How far a dispute is, and its state for consumers. A lost one may be appealed: from then on the time decides. */
const meanings: Record<StripeDisputeStatus, { rank: number; state: DisputeState }> = {
  warning_needs_response: { rank: 0, state: 'inquiry' },
  warning_under_review: { rank: 1, state: 'inquiry' },
  needs_response: { rank: 2, state: 'open' },
  under_review: { rank: 3, state: 'open' },
  warning_closed: { rank: 4, state: null },
  charge_refunded: { rank: 4, state: null },
  prevented: { rank: 4, state: null },
  won: { rank: 4, state: 'won' },
  lost: { rank: 4, state: 'lost' },
  appeal_needs_response: { rank: 4, state: 'open' },
  appeal_under_review: { rank: 4, state: 'open' },
}

/** Two final states of one second: only an appeal makes a second one, so the worse one for the seller came first. */
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

const worstFirst: DisputeState[] = ['lost', 'open', 'inquiry', 'won']

export function withDisputes(payment: StoredPayment, disputes: Dispute[]): StoredPayment {
  const returned = disputes.filter((dispute) => isReturn(dispute) && dispute.status === 'lost')
  // A return is not a dispute of the customer's, even while it is open.
  const contested = disputes.filter((dispute) => !isReturn(dispute))
  const states = new Set(contested.map(({ status }) => meanings[status].state))
  const dispute = worstFirst.find((state) => states.has(state)) ?? null
  const decisive =
    returned.length > 0 ? returned : contested.filter(({ status }) => meanings[status].state === dispute)
  const [first] = dispute === null && returned.length === 0 ? [] : decisive.toSorted(byOpening)
  return {
    ...payment,
    dispute,
    disputed: takenOf(contested, payment.paid.currency),
    returned: returned.length > 0,
    disputed_at: first?.openedAt.toISOString() ?? null,
    dispute_reason: first?.reason ?? null,
  }
}

// In another currency nobody can tell a part from the whole.
function takenOf(disputes: Dispute[], currency: string): StoredPayment['disputed'] {
  const taken = disputes.filter(({ status }) => ['open', 'lost'].includes(meanings[status].state ?? ''))
  if (taken.length === 0 || taken.some((dispute) => dispute.currency !== currency)) return null
  const sumOf = (state: DisputeState) =>
    taken.reduce((sum, { status, amount }) => (meanings[status].state === state ? sum + amount : sum), 0)
  return { open: sumOf('open'), lost: sumOf('lost') }
}

function isReturn({ reason }: Dispute): boolean {
  return reason !== null && returnReasons.includes(reason)
}

function byOpening(a: Dispute, b: Dispute): number {
  return a.openedAt.getTime() - b.openedAt.getTime() || (a.disputeId < b.disputeId ? -1 : 1)
}
