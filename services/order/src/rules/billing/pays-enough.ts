import type { PaymentState } from '@spawnpoint/contracts'
import type { BillingSummary } from './billing-summary.ts'

/** Whether the line of the plan, which charges less than the plan costs, is right all the same. */
export function paysEnough(payment: PaymentState, { subscription }: BillingSummary): boolean {
  return isOfTrial(payment, subscription?.trial_end ?? null)
}

// A trial that begins within a paid subscription has an invoice of its own, of nothing; what follows it may take weeks to be paid.
function isOfTrial({ kind, plan_line: line }: PaymentState, trialEnd: string | null): boolean {
  if (kind !== 'change' || line?.amount !== 0 || !line.start || !line.end || trialEnd === null) return false
  return trialEnd > line.start && trialEnd <= line.end
}
