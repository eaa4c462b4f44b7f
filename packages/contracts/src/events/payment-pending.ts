import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** The buyer is through, and the bank has yet to say whether it pays: that can take days. */
export const paymentPending = defineEvent({
  type: 'payment.pending',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
