import type { AnyEvent, Payment } from '@spawnpoint/contracts'
import { newEvent } from '../src/event.ts'

/** The event of a payment called `cs_<n>`. */
export function paymentEvent(n: number | string): AnyEvent {
  const paymentId = `cs_${n}`
  const data: Payment = {
    payment_id: paymentId,
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
  }
  const type = 'payment.failed'
  const subject = paymentId
  return {
    ...newEvent({ source: 'test', cause: subject, type, subject, version: 1, data, time: new Date(0) }),
    type,
  }
}

export function paymentEvents(count: number): AnyEvent[] {
  return Array.from({ length: count }, (_, n) => paymentEvent(n))
}
