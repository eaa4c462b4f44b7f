import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** Its server will stand still, or go, unless money comes: `warning` says what, when and why. For the shop's letter to its customer. */
export const orderWarned = defineEvent({
  type: 'order.warned',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
