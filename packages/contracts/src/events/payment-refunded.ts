import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** Money went back to the buyer or is on its way, or a refund failed and it stayed: `refunded` and `refund_pending` say how much. */
export const paymentRefunded = defineEvent({
  type: 'payment.refunded',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
