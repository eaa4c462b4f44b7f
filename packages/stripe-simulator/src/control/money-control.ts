import type Stripe from 'stripe'
import type { z } from 'zod'
import { type Account, nobody } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { type Outcome, paySession, settleSession } from '../checkout/pay-session.ts'
import { type DisputeMove, moveDispute } from '../disputes/move-dispute.ts'
import { disputeRequest, openDispute } from '../disputes/open-dispute.ts'
import type { Card } from '../payments/card.ts'
import { setCard } from '../payments/cards.ts'
import { type closedReasons, closeReview, openReview } from '../radar/review.ts'
import { warnOfFraud } from '../radar/warn-of-fraud.ts'
import { createRefund, type RefundRequest } from '../refunds/create-refund.ts'
import { refundPlan } from '../refunds/refund-plan.ts'
import { updateRefund } from '../refunds/update-refund.ts'
import { payInvoice } from '../subscriptions/pay-invoice.ts'
import { linkSale, sellByLink } from './sell-by-link.ts'
import { otherSale, sellElsewhere } from './sell-elsewhere.ts'

type Payment = { payment_intent?: string | undefined; charge?: string | undefined }

/** What buyers, banks and the seller's own dashboard do with the money. */
export function createMoneyControl(account: Account) {
  return {
    /** What the buyer does on the payment page. */
    pay(sessionId: string, outcome: Outcome = 'paid', payer?: { email?: string; name?: string }) {
      const { result: session, events } = account.watching(() =>
        paySession(account, sessionId, outcome, payer),
      )
      return { session, events }
    },
    /** The bank's late answer to an `async` payment. */
    settle(sessionId: string, outcome: 'succeeded' | 'failed') {
      const { result: session, events } = account.watching(() => settleSession(account, sessionId, outcome))
      return { session, events }
    },
    /** How a customer's card answers from now on. */
    setCard: (customer: string, answer: Card) => setCard(account, customer, answer),
    /** Somebody pays an open invoice, with the customer's card or past Stripe. */
    payInvoice(id: string, { outOfBand = false }: { outOfBand?: boolean } = {}): Stripe.Invoice {
      const invoice = account.invoices.get(id)
      if (!invoice) throw missing('invoice', id)
      return payInvoice(account, invoice, { outOfBand })
    },
    /** At a Payment Link of ours: what names the plan stands on the session alone. */
    sellByLink: (sale: z.input<typeof linkSale> = {}) => sellByLink(account, linkSale.parse(sale)),
    /** By the same account, and none of ours. */
    sellElsewhere: (sale: z.input<typeof otherSale> = {}) => sellElsewhere(account, otherSale.parse(sale)),

    /** A refund from the dashboard: no call of ours stands behind it. */
    refund: (request: RefundRequest): Stripe.Refund => createRefund(account, request, nobody),
    /** What becomes of the next refunds, whoever makes them. */
    planRefund(plan: z.input<typeof refundPlan>, times = 1) {
      for (let left = times; left > 0; left--) account.nextRefunds.push(refundPlan.parse(plan))
    },
    updateRefund: (refundId: string, status: 'succeeded' | 'pending' | 'failed'): Stripe.Refund =>
      updateRefund(account, refundId, status),

    openDispute: (request: z.input<typeof disputeRequest>) =>
      openDispute(account, disputeRequest.parse(request)),
    moveDispute: (id: string, to: DisputeMove) => moveDispute(account, id, to),
    warnOfFraud: (payment: Payment) => warnOfFraud(account, payment),
    openReview: (payment: Payment) => openReview(account, payment),
    closeReview: (id: string, reason: (typeof closedReasons)[number]) => closeReview(account, id, reason),
  }
}
