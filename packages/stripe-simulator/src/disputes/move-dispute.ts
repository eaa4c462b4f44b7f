import type Stripe from 'stripe'
import { type Account, type Cause, nobody } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'

export const disputeMoves = ['under_review', 'needs_response', 'won', 'lost', 'warning_closed'] as const
export type DisputeMove = (typeof disputeMoves)[number]

/** What the seller's answer or the bank does. An inquiry becomes a real dispute by `needs_response`. */
export function moveDispute(
  account: Account,
  id: string,
  to: DisputeMove,
  cause: Cause = nobody,
): Stripe.Dispute {
  const before = account.disputes.get(id)
  if (!before) throw missing('dispute', id)
  const isInquiry = before.status.startsWith('warning_')
  if (isClosed(before) || !(isInquiry ? inquiryMoves : chargebackMoves).includes(to)) {
    throw new ApiError(400, `The dispute ${id} is ${before.status} and cannot become ${to}.`)
  }
  const change = (changes: Partial<Stripe.Dispute>) =>
    account.change(account.disputes, before, changes, 'charge.dispute.updated', cause)
  switch (to) {
    case 'under_review':
      return change({ ...submitted(before), status: isInquiry ? 'warning_under_review' : 'under_review' })
    case 'needs_response': {
      const escalated = change({ is_charge_refundable: false, status: 'needs_response' })
      account.emit('charge.dispute.funds_withdrawn', escalated)
      return escalated
    }
    case 'won': {
      const won = close(account, before, { is_charge_refundable: true, status: 'won' })
      account.emit('charge.dispute.funds_reinstated', won)
      return won
    }
    case 'lost':
    case 'warning_closed':
      return close(account, before, { status: to })
    default:
      return to satisfies never
  }
}

const inquiryMoves: DisputeMove[] = ['under_review', 'needs_response', 'warning_closed']
const chargebackMoves: DisputeMove[] = ['under_review', 'won', 'lost']

function isClosed({ status }: Stripe.Dispute) {
  return status === 'won' || status === 'lost' || status === 'warning_closed'
}

function submitted({ evidence_details }: Stripe.Dispute): Pick<Stripe.Dispute, 'evidence_details'> {
  const submission_count = evidence_details.submission_count + 1
  return { evidence_details: { ...evidence_details, has_evidence: true, submission_count } }
}

function close(account: Account, before: Stripe.Dispute, changes: Partial<Stripe.Dispute>) {
  const after = account.disputes.save({ ...before, ...changes })
  account.emit('charge.dispute.closed', after)
  return after
}
