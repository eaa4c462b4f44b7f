import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { formerly } from '../formerly.ts'
import { invoicePayment } from '../objects/invoice-payment.ts'
import { adoptIntent, openPaymentIntent } from '../payments/open-intent.ts'

/** From now on the invoice is what it is: the customer's credit is taken off, and what is left gets a payment intent. */
export function finalizeInvoice(
  account: Account,
  draft: Stripe.Invoice,
  cause?: Cause,
  intent?: string,
): Stripe.Invoice {
  if (draft.status !== 'draft') {
    throw new ApiError(400, `This invoice is already finalized, you can't re-finalize a non-draft invoice.`)
  }
  const now = account.seconds()
  const balance = useBalance(account, draft)
  const due = Math.max(0, draft.total + balance.starting_balance)
  const open: Stripe.Invoice = {
    ...draft,
    ...balance,
    amount_due: due,
    amount_remaining: due,
    automatically_finalizes_at: null,
    effective_at: now,
    number: `SIM-${String(account.invoices.size()).padStart(4, '0')}`,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: now },
    webhooks_delivered_at: now,
  }
  const finalized = account.invoices.save(due > 0 ? withIntent(account, open, intent) : open)
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

/** Credit of earlier prorations (a negative balance) pays first; a negative invoice becomes credit. */
function useBalance(account: Account, { total, customer }: Stripe.Invoice) {
  const before = must(account.customers, String(customer))
  const starting_balance = before.balance
  const ending_balance =
    total < 0 ? starting_balance + total : Math.min(0, starting_balance + Math.max(0, total))
  if (ending_balance !== starting_balance) {
    account.change(account.customers, before, { balance: ending_balance }, 'customer.updated')
  }
  return { starting_balance, ending_balance }
}

const descriptions: Record<string, string> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
}
