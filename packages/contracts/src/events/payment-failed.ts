import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** A payment that failed for good, or a checkout that expired unpaid. */
export const paymentFailed = defineEvent({
  type: 'payment.failed',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
