import type { Payment } from '@spawnpoint/contracts'
import { inWhole } from './in-whole.ts'
import type { StoredPayment } from './stored-payment.ts'

export type Dispute = {
  disputeId: string
  paymentIntentId: string | null
  chargeId: string | null
  /** As Stripe names it; `prevented_in_vain` where the money went all the same. */
  status: string
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
type Meaning = { rank: number; state: DisputeState }

/** How far a dispute is, and its state for consumers. A lost one may be appealed: from then on the time decides. */
export const disputeMeanings = {
  warning_needs_response: { rank: 0, state: 'inquiry' },
  warning_under_review: { rank: 1, state: 'inquiry' },
  needs_response: { rank: 2, state: 'open' },
  under_review: { rank: 3, state: 'open' },
  warning_closed: { rank: 4, state: null },
  charge_refunded: { rank: 4, state: null },
  prevented: { rank: 4, state: null },
  // The bank's question was answered with the money: it is the buyer's again.
  prevented_in_vain: { rank: 4, state: 'lost' },
  prevented_unclear: { rank: 4, state: null },
  won: { rank: 4, state: 'won' },
  lost: { rank: 4, state: 'lost' },
  appeal_needs_response: { rank: 4, state: 'open' },
  appeal_under_review: { rank: 4, state: 'open' },
} as const satisfies Record<string, Meaning>

// A status that Stripe adds later is told to a person, and nobody is suspended for it.
const unknown: Meaning = { rank: 4, state: null }
const byStatus: ReadonlyMap<string, Meaning> = new Map(Object.entries(disputeMeanings))

function meaningOf({ status }: Dispute): Meaning {
  return byStatus.get(status) ?? unknown
}

/** Two final states of one second: only an appeal makes a second one, so the worse one for the seller came first. */
const inOneSecond: string[] = ['lost', 'appeal_needs_response', 'appeal_under_review', 'won']

export function laterDispute(before: Dispute | undefined, dispute: Dispute): Dispute {
  return before && !isLater(before, dispute) ? before : dispute
}

function isLater(before: Dispute, dispute: Dispute): boolean {
  const ahead = meaningOf(dispute).rank - meaningOf(before).rank
  if (ahead !== 0) return ahead > 0
  if (dispute.asOf.getTime() !== before.asOf.getTime()) return dispute.asOf > before.asOf
  return inOneSecond.indexOf(dispute.status) > inOneSecond.indexOf(before.status)
}

const worstFirst: DisputeState[] = ['lost', 'open', 'inquiry', 'won']

export function withDisputes(payment: StoredPayment, disputes: Dispute[]): StoredPayment {
  const returned = disputes.filter((dispute) => isReturn(dispute) && dispute.status === 'lost')
  // A return is not a dispute of the customer's, even while it is open.
  const contested = disputes.filter((dispute) => !isReturn(dispute))
  const states = new Set(contested.map((one) => meaningOf(one).state))
  const dispute = worstFirst.find((state) => states.has(state)) ?? null
  const decisive =
    returned.length > 0 ? returned : contested.filter((one) => meaningOf(one).state === dispute)
  const [first] = dispute === null && returned.length === 0 ? [] : decisive.toSorted(byOpening)
  return {
    ...payment,
    dispute,
    disputed: takenOf(contested, payment.paid.currency),
    returned: returned.length > 0,
    returned_amount: sumIn(payment.paid.currency, returned),
    unclear: unclearOf(disputes),
    disputed_at: first?.openedAt.toISOString() ?? null,
    dispute_reason: first?.reason ?? null,
  }
}

function takenOf(disputes: Dispute[], currency: string): StoredPayment['disputed'] {
  const of = (state: DisputeState) => disputes.filter((one) => meaningOf(one).state === state)
  const [open, lost] = [sumIn(currency, of('open')), sumIn(currency, of('lost'))]
  const isUnknown = [...of('open'), ...of('lost')].some((one) => one.currency !== currency)
  return isUnknown || (open === null && lost === null) ? null : { open: open ?? 0, lost: lost ?? 0 }
}

// In another currency nobody can tell a part from the whole.
function sumIn(currency: string, disputes: Dispute[]): number | null {
  if (disputes.length === 0 || disputes.some((one) => one.currency !== currency)) return null
  return inWhole(disputes)
}

function unclearOf(disputes: Dispute[]): string | null {
  const unclear = disputes.find(({ status }) => !byStatus.has(status) || status === 'prevented_unclear')
  if (!unclear) return null
  const { disputeId, status } = unclear
  return status === 'prevented_unclear'
    ? `Stripe prevented dispute ${disputeId}, and some of its money was withdrawn.`
    : `Stripe reports dispute ${disputeId} as ${JSON.stringify(status)}, which this version does not know.`
}

function isReturn({ reason }: Dispute): boolean {
  return reason !== null && returnReasons.includes(reason)
}

function byOpening(a: Dispute, b: Dispute): number {
  return a.openedAt.getTime() - b.openedAt.getTime() || (a.disputeId < b.disputeId ? -1 : 1)
}
