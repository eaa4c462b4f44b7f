import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** Money is in, or nothing was owed. */
export const paymentSucceeded = defineEvent({
  type: 'payment.succeeded',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
