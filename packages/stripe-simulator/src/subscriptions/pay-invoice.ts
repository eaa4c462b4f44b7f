import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { dropPayment } from '../invoices/close-invoice.ts'
import { finalizeInvoice } from '../invoices/finalize-invoice.ts'
import { markPaid, markUnpaid } from '../invoices/settle-invoice.ts'
import { cardError, isDebit } from '../payments/card.ts'
import { chargeCard, waitForBank } from './collect-invoice.ts'
import { followPaid, followUnpaid } from './follow-invoice.ts'

/** Somebody has it paid now: with the customer's card, or `outOfBand` past Stripe. */
export function payInvoice(
  account: Account,
  asked: Stripe.Invoice,
  { outOfBand, cause }: { outOfBand: boolean; cause?: Cause },
): Stripe.Invoice {
  if (asked.status === 'paid')
    throw new ApiError(400, 'Invoice is already paid', { code: 'invoice_already_paid' })
  if (asked.status === 'void') throw new ApiError(400, 'This invoice is void and cannot be paid.')
  const invoice = asked.status === 'draft' ? finalizeInvoice(account, asked, { cause }) : asked
  const because = { ...(cause && { cause }) }
  if (outOfBand) {
    dropPayment(account, invoice.id)
  } else if (invoice.amount_due > 0) {
    const answer = chargeCard(account, invoice)
    if (isDebit(answer)) return waitForBank(account, invoice, answer)
    if (answer !== 'works') {
      const unpaid = markUnpaid(account, invoice, {
        nextAttempt: invoice.next_payment_attempt,
        actionRequired: answer === 'requires_action',
      })
      followUnpaid(account, unpaid)
      throw cardError(answer)
    }
  }
  const paid = markPaid(account, invoice, { outOfBand, ...because })
  followPaid(account, paid)
  return paid
}
