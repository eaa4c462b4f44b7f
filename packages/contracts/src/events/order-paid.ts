import { defineEvent } from '../define-event.ts'
import { orderSchema } from '../order.ts'

/** The right amount is paid: bring the server. */
export const orderPaid = defineEvent({ type: 'order.paid', stream: 'ORDER', version: 1, data: orderSchema })
