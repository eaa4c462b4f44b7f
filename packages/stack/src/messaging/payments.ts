import type { AnyEvent, Payment } from '@spawnpoint/contracts'
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
