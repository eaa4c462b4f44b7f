import type { AnyEvent, Payment } from '@spawnpoint/contracts'
import { type Decide, derivedId } from '@spawnpoint/messaging'
import { nothingForSale, readCatalogue } from '../catalogue.ts'
import { decideOrders } from '../decide-orders.ts'
import { applyPayment } from '../order.ts'
import type { Tx } from '../orders.ts'
import { beginOrder } from './begin-order.ts'

/** Payments: an order that waits for one becomes paid, and a payment that names a plan and a region begins an order. */
export const onBilling: Decide<Tx> = async (tx, events, now) => {
  const catalogue = events.some(mayBeginAnOrder) ? await readCatalogue(tx) : nothingForSale
  return decideOrders(
    tx,
    { events, now },
    {
      hears: isPayment,
      orderIdOf: ({ data }) => orderIdOf(data),
      decide: (order, { data: payment }) => {
        if (order) return applyPayment(order, payment)
        return payment.order_id === null ? beginOrder(orderIdOf(payment), payment, catalogue) : null
      },
    },
  )
}

function isPayment(event: AnyEvent): event is Extract<AnyEvent, { type: `payment.${string}` }> {
  return event.type.startsWith('payment.')
}

function mayBeginAnOrder(event: AnyEvent): boolean {
  return isPayment(event) && event.data.order_id === null
}

// Derived from the payment, so that a repeat begins no second order.
function orderIdOf(payment: Payment): string {
  return payment.order_id ?? derivedId(payment.payment_id, 'order')
}
