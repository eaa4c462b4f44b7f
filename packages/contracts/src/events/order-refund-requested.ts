import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** Nothing can be delivered, and nothing stands or can still land on the panel: its money is to go back. `refund_request` says how much. */
export const orderRefundRequested = defineEvent({
  type: 'order.refund_requested',
  stream: 'ORDER',
  version: 1,
  data: orderSchema,
})
