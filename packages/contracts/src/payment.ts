import { z } from 'zod'
import { moneySchema } from './money.ts'

export const paymentStatuses = ['pending', 'succeeded', 'failed', 'expired'] as const

/** What a buyer's bank says against a payment. `inquiry`: it asks, and the money stays; `open`: it took the money for now. */
export const disputeStatuses = ['inquiry', 'open', 'won', 'lost'] as const

const id = z.string().max(191).nullable()
const time = z.iso.datetime().nullable()
const minorUnits = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

export const invoiceStatuses = ['draft', 'open', 'paid', 'uncollectible', 'void'] as const

/** One line of an invoice that charges for an item of the subscription, or prorates one. Amounts before discounts, in minor units. */
export const invoiceLineSchema = z.object({
  /** `si_…`; null where Stripe does not say of which item a proration is. */
  item: id,
  /** `price_…` */
  price: id,
  /** `metadata.plan` of its price, where the invoice shows it. */
  plan: id,
  /** Negative where unused time is credited. */
  amount: z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
  quantity: z.number().int().nonnegative(),
  /** True for a part of a period after a change; false for a whole period of the item. */
  proration: z.boolean(),
  start: time,
  end: time,
})
export type InvoiceLine = z.infer<typeof invoiceLineSchema>

/** The whole state of one payment, as the billing gateway knows it. Fields that are optional are not in events of before they were added. */
export const paymentSchema = z.object({
  /**
   * Stripe's id of what was paid, whatever was heard of it first: the Checkout session (`cs_…`) of what is paid once, the
   * subscription (`sub_…`) for its first period, the invoice (`in_…`) for each later one and for a change of plan.
   */
  payment_id: z.string().min(1).max(191),
  version: z.number().int().positive(),
  status: z.enum(paymentStatuses),
  /** Of a subscription: its first period, a later one, or what a change of plan costs at once. Paid once: `first`. */
  kind: z.enum(['first', 'renewal', 'change']),
  livemode: z.boolean(),
  /** The order that the session was made for; null when the payment itself begins the order. */
  order_id: id,
  /** What Stripe charged in all (`amount_total`; an invoice's `total`). */
  paid: moneySchema,
  /** What stands between the price and `paid`, in minor units (`total_details`). */
  discount: z.number().int().nonnegative(),
  tax: z.number().int().nonnegative(),
  shipping: z.number().int().nonnegative(),
  /** True where a voucher or a trial left nothing to pay. */
  nothing_owed: z.boolean(),
  payment_intent_id: id,
  subscription_id: id,
  stripe_customer_id: id,
  /** What the session says of the buyer and, from its metadata, of what the buyer ordered: these are read only when `order_id` is null. */
  customer_email: z.string().max(320).nullable(),
  customer_name: z.string().max(320).nullable(),
  plan: z.string().max(191).nullable(),
  region: z.string().max(191).nullable(),
  server_name: z.string().max(191).nullable(),
  /** A sentence for people, when it failed. */
  failure: z.string().nullable(),
  /** The Checkout session it was made in (`cs_…`); null where there was none, as for a renewal. */
  checkout_session_id: id.optional(),
  /** Until when it pays for the plan: the end of the plan's own line, never of a proration, an add-on or a one-off item. ISO 8601 UTC. */
  paid_until: time.optional(),
  /** Where the period that it pays for begins. Of two periods the one that begins later counts, also when it ends earlier. */
  paid_from: time.optional(),
  /** Of `paid`: what was really charged. The rest came from the customer's balance; null while unknown: as `paid`. */
  collected: minorUnits.nullable().optional(),
  /** Of its invoice, whole periods first, 40 at most. Null where no invoice was read. */
  lines: z.array(invoiceLineSchema).max(40).nullable().optional(),
  /** The end of the trial that left nothing to pay. */
  trial_end: time.optional(),
  /**
   * Of its invoice: where it stands (`void` also where Stripe wrote it off because collection was paused), when it is due
   * (`send_invoice`), what is still open, and the page on which it is paid.
   */
  invoice_status: z.enum(invoiceStatuses).nullable().optional(),
  due_at: time.optional(),
  amount_remaining: minorUnits.nullable().optional(),
  invoice_url: z.string().max(2_000).nullable().optional(),
  /** The customer has to confirm it (3-D Secure) on `invoice_url`. */
  action_required: z.boolean().optional(),
  /** A bank debit is under way: neither paid nor failed. */
  processing: z.boolean().optional(),
  /** While it is tried again: how often it failed, and when Stripe tries next; null when it never will. */
  attempts: z.number().int().nonnegative().optional(),
  next_attempt_at: z.iso.datetime().nullable().optional(),
  /** Of `paid`: what went back to the buyer, and what is on its way there. A refund that fails is in neither. */
  refunded: minorUnits.optional(),
  refund_pending: minorUnits.optional(),
  dispute: z.enum(disputeStatuses).nullable().optional(),
  /** Of `paid`: what its bank has taken back for now, and for good. It may be a part only; null while unknown: all of it. */
  disputed: z.object({ open: minorUnits, lost: minorUnits }).nullable().optional(),
  /** The bank returned its direct debit after all: the money never came, as with a failed payment. Not a `dispute`. */
  returned: z.boolean().optional(),
  /** Of `paid`: what of it the bank returned; null while unknown: all of it. */
  returned_amount: minorUnits.nullable().optional(),
  /** When it was paid, by Stripe's clock; null while unknown. */
  paid_at: time.optional(),
  /** Why Stripe's view of this money cannot be read for certain, a sentence: a person has to look at Stripe. */
  unclear: z.string().max(500).nullable().optional(),
  /** When it was disputed or returned, and Stripe's `reason`. */
  disputed_at: time.optional(),
  dispute_reason: z.string().max(191).nullable().optional(),
  /** Why Stripe or its bank takes it for fraud, a sentence; null while nobody does. */
  fraud_warning: z.string().max(500).nullable().optional(),
})
export type Payment = z.infer<typeof paymentSchema>
