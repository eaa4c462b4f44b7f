import { defineEvent } from '../define-event.ts'
import { paymentSchema } from '../payment.ts'

/** The buyer's bank asks about it, took the money back, or decided: `dispute` says which. */
export const paymentDisputed = defineEvent({
  type: 'payment.disputed',
  stream: 'BILLING',
  version: 1,
  data: paymentSchema,
})
