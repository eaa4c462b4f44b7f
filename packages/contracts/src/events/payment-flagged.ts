import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** Stripe takes it for fraud, or no longer does: `fraud_warning` says why. */
export const paymentFlagged = defineEvent({
  type: 'payment.flagged',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
