import type { Envelope, OrderState, Payment } from '@spawnpoint/contracts'
import { derivedId, newEvent } from '@spawnpoint/messaging'
import { sold } from '../sale-path/catalogue.ts'

const { plan, region, amount, currency } = sold

/** Orders that are paid, each of another customer: about a kilobyte each. `series` keeps the ids of two loads apart. */
export function paidOrders(series: string, count: number): Envelope[] {
  return numbered(count, (n) => orderEvent('order.paid', orderOf(`${series}-${n}`)))
}

/** Orders that nobody is to bring a server for. */
export function cancelledOrders(series: string, count: number): Envelope[] {
  return numbered(count, (n) =>
    orderEvent('order.changed', {
      ...orderOf(`${series}-${n}`),
      status: 'cancelled',
      billing_status: 'unpaid',
      desired: 'none',
    }),
  )
}

/** Payments at a Payment Link: each begins an order and pays it. */
export function payments(series: string, count: number): Envelope[] {
  return numbered(count, (n) => paymentEvent('payment.succeeded', paymentOf(`${series}-${n}`)))
}

/** Payments that came to nothing and that no order waited for. */
export function failedPayments(series: string, count: number): Envelope[] {
  return numbered(count, (n) =>
    paymentEvent('payment.failed', {
      ...paymentOf(`${series}-${n}`),
      status: 'failed',
      failure: "The buyer's bank did not pay.",
    }),
  )
}

function numbered<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n))
}

function orderEvent(type: 'order.paid' | 'order.changed', data: OrderState): Envelope {
  const { order_id: subject, version } = data
  return newEvent({
    source: 'order',
    cause: `${subject}/${type}`,
    type,
    subject,
    version,
    data,
    time: new Date(),
  })
}

function paymentEvent(type: 'payment.succeeded' | 'payment.failed', data: Payment): Envelope {
  const { payment_id: subject, version, status } = data
  const cause = `${subject}/${status}`
  return newEvent({ source: 'billing-gateway', cause, type, subject, version, data, time: new Date() })
}

function orderOf(id: string): OrderState {
  const { paid, discount, tax, shipping, nothing_owed, payment_id, version } = paymentOf(id)
  return {
    order_id: derivedId(id, 'order'),
    version: 2,
    status: 'paid',
    billing_status: 'paid',
    desired: 'running',
    plan,
    region,
    customer: { id: null, email: `buyer-${id}@example.com`, name: `Buyer ${id}` },
    server_name: `Server of ${id}`,
    environment: { MINECRAFT_VERSION: '1.21.4', BUILD_NUMBER: 'latest', SERVER_JARFILE: 'server.jar' },
    price: { amount, currency },
    payment_id,
    payment_version: version,
    charge: { paid, discount, tax, shipping, nothing_owed },
    error_message: null,
    note: null,
  }
}

function paymentOf(id: string): Payment {
  return {
    payment_id: `cs_test_${id}`,
    version: 1,
    status: 'succeeded',
    kind: 'first',
    livemode: false,
    order_id: null,
    paid: { amount, currency },
    discount: 0,
    tax: 0,
    shipping: 0,
    nothing_owed: false,
    payment_intent_id: `pi_${id}`,
    subscription_id: null,
    stripe_customer_id: null,
    customer_email: `buyer-${id}@example.com`,
    customer_name: `Buyer ${id}`,
    plan,
    region,
    server_name: `Server of ${id}`,
    failure: null,
  }
}
