import type { BillingFinding, PaymentState } from '@spawnpoint/contracts'
import { formatMoney } from '../order/format-money.ts'
import type { Order } from '../order/order.ts'
import type { Policy } from '../order/policy.ts'
import { type BillingSummary, isKeptChange } from './billing-summary.ts'
import { chargedOf, isFullyRefunded, isOfPeriod, isReturned, msOf, periodOf } from './period.ts'
import { disputeOfAll, partTaken } from './taken-by-bank.ts'

/** How long it is reported that money was taken back, from the dispute on: a bank takes up to three months to decide. */
const takenBackShownMs = 180 * 86_400_000

/** What went back of its money, or may have, and suspends nobody: a person has to look into it. */
export function takenBackFindings(
  order: Order,
  summary: BillingSummary,
  { policy, now }: { policy: Policy; now: number },
): BillingFinding[] {
  return [
    ...refundedChanges(order, summary),
    ...refundedBesideChange(summary, policy),
    ...unclearMoney(summary),
    ...refundedAndReplaced(summary),
    ...refundedBefore(summary, now),
    ...takenBack(summary, now),
    ...partlyTaken(summary, now),
  ]
}

// The plan stays the bigger one.
function refundedChanges({ price }: Order, { present }: BillingSummary): BillingFinding[] {
  return present.flatMap((payment) => {
    const { payment_id: about, paid } = payment
    if (isOfPeriod(payment) || !isFullyRefunded(payment)) return []
    const finding = `Payment ${about} of a change of plan (${formatMoney(paid)}) was refunded; the plan costs ${formatMoney(price)}.`
    return [{ kind: 'underpaid', about, finding }]
  })
}

// What is left of its money is for a change of a period that is not paid: a person has to say what that is worth.
function refundedBesideChange({ present, isRefunded }: BillingSummary, policy: Policy): BillingFinding[] {
  const change = present.find(isKeptChange)
  if (isRefunded || !change || policy.full_refund === 'keep') return []
  return present
    .filter((payment) => isOfPeriod(payment) && isFullyRefunded(payment))
    .map(({ payment_id: about, paid }) => {
      const finding = `Payment ${about} (${formatMoney(paid)}) of the present period was refunded, and ${change.payment_id} (${formatMoney(change.paid)}) of a change within it is not: its server runs. Refund that too, or the subscription goes on.`
      return { kind: 'running_unpaid', about, finding }
    })
}

function refundedAndReplaced({ replacements }: BillingSummary): BillingFinding[] {
  const [first] = replacements
  if (!first) return []
  const { payment_id: about } = first
  const invoices = replacements.map(({ payment_id, paid }) => `${payment_id} (${formatMoney(paid)})`)
  const finding = `Its paid period went back in full, and of the same subscription is paid: invoice ${invoices.join(' and ')}. Whether that pays for the period instead, a person has to say. Its server runs until then.`
  return [{ kind: 'running_unpaid', about, finding }]
}

// The present period was paid, all or in part, out of a balance that an earlier one had left, and that was refunded too.
function refundedBefore({ payments, present }: BillingSummary, now: number): BillingFinding[] {
  if (!present.some((payment) => isOfPeriod(payment) && isOutOfBalance(payment))) return []
  return payments.flatMap((payment) => {
    const { payment_id: about, paid } = payment
    const end = periodOf(payment)?.end ?? 0
    if (present.includes(payment) || !isFullyRefunded(payment) || end <= now) return []
    const finding = `Payment ${about} (${formatMoney(paid)}) was refunded, and the present period is paid out of the balance that it left.`
    return [{ kind: 'running_unpaid', about, finding }]
  })
}

function isOutOfBalance(payment: PaymentState): boolean {
  return chargedOf(payment) === 0 || chargedOf(payment) < payment.paid.amount
}

// Of an earlier period, or of a change within the present one: nobody is suspended for that.
function takenBack(
  { payments, former, present, dispute: decided, replacements }: BillingSummary,
  now: number,
): BillingFinding[] {
  // On trial a dispute decides nothing, and a person is told.
  const isDecided = decided !== null || replacements.length > 0
  return [...former, ...payments].flatMap((payment) => {
    const { payment_id: about, paid, disputed_at } = payment
    const dispute = disputeOfAll(payment)
    const isTaken = isReturned(payment) || dispute === 'lost' || dispute === 'open'
    const at = msOf(disputed_at)
    const isDecidedBy = isDecided && present.includes(payment) && isOfPeriod(payment)
    if (!isTaken || isDecidedBy || at === null || at + takenBackShownMs < now) return []
    const what = isOfPeriod(payment) ? 'the time that it paid for' : 'what it charged'
    const does = dispute === 'open' ? 'holds' : 'took back'
    const finding = `Its bank ${does} payment ${about} (${formatMoney(paid)}), disputed on ${new Date(at).toISOString().slice(0, 10)}: ${what} is not paid.`
    return [{ kind: 'running_unpaid', about, finding }]
  })
}

// Like a partial refund: nobody is suspended for it.
function partlyTaken({ payments, former }: BillingSummary, now: number): BillingFinding[] {
  return [...former, ...payments].flatMap((payment) => {
    const { payment_id: about, paid, disputed_at } = payment
    const part = partTaken(payment)
    const at = msOf(disputed_at)
    if (part === null || at === null || at + takenBackShownMs < now) return []
    const amount = formatMoney({ ...paid, amount: part.amount })
    const until = part.isLost ? 'for good' : 'until a dispute of it is decided'
    const finding = `Its bank has ${amount} of payment ${about} (${formatMoney(paid)}) back ${until}, disputed on ${new Date(at).toISOString().slice(0, 10)}: that part is not paid, and its server runs on.`
    return [{ kind: 'running_unpaid', about, finding }]
  })
}

function unclearMoney({ payments, former }: BillingSummary): BillingFinding[] {
  return [...former, ...payments].flatMap(({ payment_id: about, paid, unclear }) => {
    if (!unclear) return []
    const finding = `Whether payment ${about} (${formatMoney(paid)}) stays has to be looked up at Stripe; its server runs. ${unclear}`
    return [{ kind: 'running_unpaid', about, finding }]
  })
}
