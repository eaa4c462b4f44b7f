import type { StripeSimulator } from '@spawnpoint/stripe-simulator'
import type { BillingRecord, InvoiceRecord } from './billing-records.ts'
import { type MonthlyPlanId, plans } from './catalogue.ts'
import type { Action } from './schedule-subscriptions.ts'

export type ShopAction = 'plan-now' | 'plan-later' | 'cancel-now' | 'cancel-later'

type About = { record: BillingRecord; otherPlan: MonthlyPlanId }

/** What customers, banks and the seller do at Stripe; false where the subscription is not in a state for it. */
export function doAtStripe(
  stripe: StripeSimulator,
  action: Exclude<Action, ShopAction>,
  { record, otherPlan }: About,
): boolean {
  const { id, customer } = record
  const [latest, previous] = paidInvoices(record)
  switch (action) {
    case 'card-fails':
      return done(stripe.setCard(customer, 'declined'))
    case 'card-works':
      return done(stripe.setCard(customer, 'works'))
    case 'card-is-debit':
      return done(stripe.setCard(customer, 'bank_debit'))
    case 'invoice-is-paid':
      return openInvoices(record).map((invoice) => stripe.payInvoice(invoice.id)).length > 0
    case 'refund':
      return refund(stripe, latest, 1)
    case 'refund-in-part':
      return refund(stripe, latest, 3)
    case 'dispute':
    case 'debit-returned':
      return dispute(stripe, latest)
    case 'dispute-old':
      return dispute(stripe, previous)
    case 'dispute-won':
    case 'dispute-lost':
      return closeDisputes(stripe, record, action === 'dispute-won' ? 'won' : 'lost')
    case 'switch-plan': {
      const { amount, name } = plans[otherPlan]
      return done(stripe.switchPlan({ subscription: id, amount, name, price_metadata: { plan: otherPlan } }))
    }
    case 'pause-void':
      return done(stripe.pauseCollection({ subscription: id, behavior: 'void' }))
    case 'pause-draft':
      return done(stripe.pauseCollection({ subscription: id, behavior: 'keep_as_draft' }))
    case 'resume':
      return done(stripe.resumeCollection(id))
    default:
      return action satisfies never
  }
}

/** Newest first. */
function paidInvoices({ invoices }: BillingRecord): InvoiceRecord[] {
  return invoices
    .filter(({ status, period }) => status === 'paid' && period !== null)
    .toSorted((a, b) => (b.period?.end ?? 0) - (a.period?.end ?? 0))
}

function openInvoices({ invoices }: BillingRecord): InvoiceRecord[] {
  return invoices.filter(({ status, charge }) => status === 'open' && !charge?.isProcessing)
}

function refund(stripe: StripeSimulator, invoice: InvoiceRecord | undefined, share: number): boolean {
  if (!invoice?.paymentIntent || !invoice.charge) return false
  const amount = Math.floor(invoice.charge.amount / share)
  return done(stripe.refund({ payment_intent: invoice.paymentIntent, amount }))
}

function dispute(stripe: StripeSimulator, invoice: InvoiceRecord | undefined): boolean {
  return invoice?.charge ? done(stripe.openDispute({ invoice: invoice.id })) : false
}

function closeDisputes(stripe: StripeSimulator, { invoices }: BillingRecord, to: 'won' | 'lost'): boolean {
  const open = invoices.flatMap(({ charge }) => (charge?.dispute?.state === 'open' ? [charge.dispute] : []))
  return open.map(({ id }) => stripe.moveDispute(id, to)).length > 0
}

function done(_: unknown): true {
  return true
}
