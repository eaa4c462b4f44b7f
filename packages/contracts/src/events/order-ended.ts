import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** The order is over for good: nothing of its server is to be left. */
export const orderEnded = defineEvent({
  type: 'order.ended',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
