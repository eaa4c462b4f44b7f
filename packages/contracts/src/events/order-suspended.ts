import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** The server is to stand still until the order is resumed. */
export const orderSuspended = defineEvent({
  type: 'order.suspended',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
