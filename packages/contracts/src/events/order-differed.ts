import { defineEvent } from '../define-event.ts'
import { discrepancySchema } from '../discrepancy.ts'

/** A reconciliation found that Stripe, an order and the panel do not agree, or that they agree again. */
export const orderDiffered = defineEvent({
  type: 'order.differed',
  stream: 'ORDER',
  version: 1,
  data: discrepancySchema,
})
