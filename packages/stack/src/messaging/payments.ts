import type { AnyEvent, OrderState, Payment } from '@spawnpoint/contracts'
import { newEvent } from '@spawnpoint/messaging'

/** The event of a payment called `cs_<n>`. */
export function paymentEvent(n: number | string): AnyEvent {
  const data = paymentData({ payment_id: `cs_${n}` })
  const type = 'payment.failed'
  const subject = data.payment_id
  return {
    ...newEvent({ source: 'test', cause: subject, type, subject, version: 1, data, time: new Date(0) }),
    type,
  }
}

export function paymentEvents(count: number): AnyEvent[] {
  return Array.from({ length: count }, (_, n) => paymentEvent(n))
}

/** The event of an order that was placed, for a consumer of another stream than the payments'. */
export function orderEvent(id: string): AnyEvent {
  const data: OrderState = {
    order_id: id,
    version: 1,
    status: 'pending',
    billing_status: 'unpaid',
    desired: 'none',
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: 'alex@example.com', name: 'Alex' },
    server_name: 'Home',
    environment: {},
    price: { amount: 999, currency: 'eur' },
    payment_id: null,
  }
  const type = 'order.placed'
  return {
    ...newEvent({ source: 'test', cause: id, type, subject: id, version: 1, data, time: new Date(0) }),
    type,
  }
}

/** A payment that failed and of which nothing more is known, but for what is given. */
export function paymentData(known: Partial<Payment>): Payment {
  return {
    payment_id: 'cs_0',
    version: 1,
    status: 'failed',
    kind: 'first',
    livemode: false,
    order_id: null,
    paid: { amount: 999, currency: 'eur' },
    discount: 0,
    tax: 0,
    shipping: 0,
    nothing_owed: false,
    payment_intent_id: null,
    subscription_id: null,
    stripe_customer_id: null,
    customer_email: null,
    customer_name: null,
    plan: null,
    region: null,
    server_name: null,
    failure: null,
    ...known,
  }
}
