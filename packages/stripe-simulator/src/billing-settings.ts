import { z } from 'zod'

const days = z.number().min(0)

/** What a seller sets in the dashboard for all subscriptions of the account. */
export const billingSettings = z.strictObject({
  /** Days from each failed attempt to the next; after the last one comes the final outcome. */
  retry_days: z.array(days),
  final_outcome: z.enum(['canceled', 'unpaid', 'past_due', 'paused']),
  /** What becomes of the unpaid invoice itself. */
  final_invoice: z.enum(['open', 'uncollectible']),
  /** Days after the due date of an invoice that was sent until `invoice.overdue`. */
  overdue_days: days,
  /** Days after that due date until the final outcome; null leaves it past due. */
  overdue_final_days: days.nullable(),
  /** How long a bank takes to answer a direct debit. */
  debit_days: days,
  upcoming_days: days,
  trial_will_end_days: days,
  /** How long a renewal stays a draft; about an hour at Stripe. */
  finalize_after_seconds: z.number().int().min(0),
  /** Stripe finalizes no renewal whose `invoice.created` an endpoint has not taken, for up to 72 hours. */
  waits_for_invoice_created: z.boolean(),
})

export type BillingSettings = z.infer<typeof billingSettings>

export const defaultBilling: BillingSettings = {
  retry_days: [3, 5, 7],
  final_outcome: 'canceled',
  final_invoice: 'open',
  overdue_days: 0,
  overdue_final_days: null,
  debit_days: 5,
  upcoming_days: 7,
  trial_will_end_days: 3,
  finalize_after_seconds: 3600,
  waits_for_invoice_created: false,
}
