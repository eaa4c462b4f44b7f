import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { formerly } from '../formerly.ts'
import { invoicePayment } from '../objects/invoice-payment.ts'
import { adoptIntent, openPaymentIntent } from '../payments/open-intent.ts'

type Finalizing = {
  cause?: Cause | undefined
  /** A payment intent that has been tried already. */
  intent?: string | undefined
  /** Nobody is asked for it, and the customer's credit stays: it is going to be void. */
  unasked?: boolean
}

/** From now on the invoice is what it is: the customer's credit is taken off, and what is left gets a payment intent. */
export function finalizeInvoice(
  account: Account,
  draft: Stripe.Invoice,
  { cause, intent, unasked = false }: Finalizing = {},
): Stripe.Invoice {
  if (draft.status !== 'draft') {
    throw new ApiError(400, `This invoice is already finalized, you can't re-finalize a non-draft invoice.`)
  }
  const now = account.seconds()
  const balance = unasked ? untouched(account, draft) : useBalance(account, draft)
  const open: Stripe.Invoice = {
    ...draft,
    ...balance,
    amount_remaining: balance.amount_due,
    automatically_finalizes_at: null,
    effective_at: now,
    hosted_invoice_url: `https://invoice.stripe.com/i/${draft.id}`,
    invoice_pdf: `https://pay.stripe.com/invoice/${draft.id}/pdf`,
    number: `SIM-${String(account.invoices.size()).padStart(4, '0')}`,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: now },
    webhooks_delivered_at: now,
  }
  const isAsked = open.amount_due > 0 && !unasked
  const finalized = account.invoices.save(isAsked ? withIntent(account, open, intent) : open)
  account.emit('invoice.finalized', finalized, { ...(cause && { cause }) })
  return finalized
}

function withIntent(account: Account, invoice: Stripe.Invoice, tried: string | undefined) {
  const customer = typeof invoice.customer === 'string' ? invoice.customer : null
  const intent =
    tried === undefined
      ? openPaymentIntent(account, {
          amount: invoice.amount_due,
          currency: invoice.currency,
          customer,
          description: descriptions[String(invoice.billing_reason)] ?? null,
          invoice: invoice.id,
          metadata: {},
        })
      : adoptIntent(account, tried, { customer, invoice: invoice.id })
  account.invoicePayments.save(
    invoicePayment(invoice, intent.id, {
      amount_requested: invoice.amount_due,
      created: account.seconds(),
      status: 'open',
    }),
  )
  return { ...invoice, [formerly]: { charge: null, payment_intent: intent.id } }
}

/** Credit of earlier prorations (a negative balance) pays first; a negative invoice becomes credit, a tiny one a debt. */
function useBalance(account: Account, { total, customer, currency, billing_reason }: Stripe.Invoice) {
  const before = must(account.customers, String(customer))
  const starting_balance = before.balance
  const owed = total + starting_balance
  const isTooSmall = owed > 0 && owed < leastCharge(currency) && billing_reason !== 'subscription_create'
  const ending_balance = isTooSmall ? owed : Math.min(0, owed)
  if (ending_balance !== starting_balance) {
    account.change(account.customers, before, { balance: ending_balance }, 'customer.updated')
  }
  return { amount_due: isTooSmall ? 0 : Math.max(0, owed), starting_balance, ending_balance }
}

function untouched(account: Account, { total, customer }: Stripe.Invoice) {
  const { balance } = must(account.customers, String(customer))
  return { amount_due: Math.max(0, total), starting_balance: balance, ending_balance: balance }
}

/**
 * What is smaller cannot be charged, and waits in the customer's balance for the next invoice. Sources: the SDK's
 * description of `Invoice.amount_due`, docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
 */
function leastCharge(currency: string) {
  return leastCharges[currency] ?? 0
}

const leastCharges: Record<string, number> = { chf: 50, eur: 50, gbp: 30, jpy: 50, usd: 50 }

const descriptions: Record<string, string> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
}
