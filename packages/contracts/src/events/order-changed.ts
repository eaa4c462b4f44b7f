import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** Anything else about the order changed, such as its plan, its owner, or being held for a wrong amount. */
export const orderChanged = defineEvent({
  type: 'order.changed',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
