import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** The server is to run again. */
export const orderResumed = defineEvent({
  type: 'order.resumed',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
