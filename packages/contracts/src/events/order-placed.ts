import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** A customer ordered; nothing is paid yet. */
export const orderPlaced = defineEvent({
  type: 'order.placed',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
