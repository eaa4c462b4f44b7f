import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, nobody } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { updateInvoice } from '../invoices/update-invoice.ts'
import { attachPayment, attachToSeveral } from '../subscriptions/attach-payment.ts'
import { settleDebit } from '../subscriptions/collect-invoice.ts'
import { payInPart } from '../subscriptions/pay-in-part.ts'
import { payInvoice } from '../subscriptions/pay-invoice.ts'
import { updateSubscription } from '../subscriptions/update-subscription.ts'
import { crowd, crowdInvoice } from './crowd-invoice.ts'
import { type SubscriptionWish, subscribeDirectly, subscriptionWish } from './subscribe.ts'
import { planSwitch, switchPlan } from './switch-plan.ts'

export const pause = z.strictObject({
  subscription: z.string(),
  behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']),
  /** Unix seconds; without it collection is paused until `resumeCollection`. */
  resumes_at: z.number().int().optional(),
})

/** What sellers and customers do to subscriptions and their invoices, in the dashboard or the portal. */
export function createBillingControl(account: Account) {
  return {
    /** Without a payment page; `pay` is the way with one. */
    subscribe: (params: SubscriptionWish = {}) => subscribeDirectly(account, subscriptionWish.parse(params)),
    /** Puts one-off items and prorations on the next invoice of a subscription: 12, 40 or 120 lines. */
    crowdInvoice: (request: z.input<typeof crowd>) => crowdInvoice(account, crowd.parse(request)),
    switchPlan: (request: z.input<typeof planSwitch>) => switchPlan(account, planSwitch.parse(request)),
    pauseCollection({ subscription, behavior, resumes_at }: z.input<typeof pause>): Stripe.Subscription {
      return updateSubscription(account, subscription, { pause_collection: { behavior, resumes_at } }, nobody)
    },
    resumeCollection: (subscription: string) =>
      updateSubscription(account, subscription, { pause_collection: null }, nobody),
    /** Unix seconds; a paid period is given back unless `isCredited` is false. */
    extendTrial: (subscription: string, trialEnd: number, { isCredited = true } = {}) =>
      updateSubscription(
        account,
        subscription,
        { trial_end: trialEnd, proration_behavior: isCredited ? 'create_prorations' : 'none' },
        nobody,
      ),
    /** Takes this much off the customer's next invoices; a negative amount is a debt. */
    credit(customer: string, amount: number): Stripe.Customer {
      const before = account.customers.get(customer)
      if (!before) throw missing('customer', customer)
      return account.change(
        account.customers,
        before,
        { balance: before.balance - amount },
        'customer.updated',
      )
    },
    /** From the next invoice on: charged, or sent with a due date. */
    collectBy: (subscription: string, daysUntilDue: number | null) =>
      updateSubscription(
        account,
        subscription,
        daysUntilDue === null
          ? { collection_method: 'charge_automatically' }
          : { collection_method: 'send_invoice', days_until_due: daysUntilDue },
        nobody,
      ),
    /** A bank transfer that may be less than what is owed. */
    payInPart: (invoice: string, amount: number) => payInPart(account, found(account, invoice).id, amount),
    /** A part of it, or the rest, by a PaymentIntent beside the invoice's own. */
    attachPayment: (invoice: string, amount: number) =>
      attachPayment(account, found(account, invoice).id, amount),
    /** One PaymentIntent pays all that is left of them. */
    attachToSeveral: (invoices: string[]) =>
      attachToSeveral(
        account,
        invoices.map((id) => found(account, id).id),
      ),
    /** The bank's answer to a direct debit, before its time. */
    settleDebit: (invoice: string, outcome: 'succeeded' | 'failed') =>
      settleDebit(account, found(account, invoice).id, outcome),
    /** The customer has confirmed the payment at their bank. */
    confirmPayment(invoice: string): Stripe.Invoice {
      const waiting = found(account, invoice)
      account.cards.delete(String(waiting.customer))
      return payInvoice(account, waiting, { outOfBand: false })
    },
    /** A draft that a pause has left goes on by itself. */
    advanceDraft: (invoice: string) =>
      updateInvoice(account, found(account, invoice), { auto_advance: true }, nobody),
  }
}

function found(account: Account, id: string) {
  const invoice = account.invoices.get(id)
  if (!invoice) throw missing('invoice', id)
  return invoice
}
