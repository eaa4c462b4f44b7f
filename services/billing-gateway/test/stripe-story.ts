import {
  charge,
  checkoutSession,
  type EventType,
  invoicePayment,
  type ObjectOf,
  price,
  refund,
  type SnapshotEvent,
  stripeEvent,
  subscription,
  subscriptionInvoice,
} from '@spawnpoint/stripe-simulator'
import type Stripe from 'stripe'

export const orderId = '7d3a9c1e-52b4-5f0e-9a61-0c8e4b7f2d35'
export const oldVersion = '2025-02-24.acacia'
const ours = { order_id: orderId, plan: 'small', region: 'eu' }
export const start = 1_790_000_000
export const day = 86_400

type Told = {
  metadata?: Record<string, string>
  sessionMetadata?: Record<string, string>
  apiVersion?: string
}

/** A buyer subscribes at `start`: the objects that Stripe makes of it, and its events about them. */
export function subscriptionStory({ metadata = ours, sessionMetadata = metadata, apiVersion }: Told = {}) {
  const sub = subscription({
    metadata,
    created: start,
    customer: 'cus_buyer',
    currency: 'eur',
    status: 'active',
  })
  const bill = subscriptionInvoice(sub, {
    created: start,
    customer: 'cus_buyer',
    customer_email: 'buyer@example.com',
    customer_name: 'Buyer',
  })
  const paying = invoicePayment(bill, 'pi_first')
  const session = checkoutSession({
    mode: 'subscription',
    metadata: sessionMetadata,
    subscription: sub.id,
    invoice: bill.id,
    customer: 'cus_buyer',
    currency: 'eur',
    amount_total: bill.total,
    created: start - 60,
  })
  const emit = <T extends EventType>(type: T, object: ObjectOf<T>, at = start): SnapshotEvent =>
    stripeEvent(type, object, { created: at, ...(apiVersion && { apiVersion }) })

  /** The invoice of the period that begins so many periods after the first. */
  function renewal(periods: number, overrides: Partial<Stripe.Invoice> = {}): Stripe.Invoice {
    const later = {
      ...sub,
      items: { ...sub.items, data: sub.items.data.map((item) => moved(item, periods)) },
    }
    return subscriptionInvoice(later, {
      billing_reason: 'subscription_cycle',
      created: start + periods * 30 * day,
      customer: 'cus_buyer',
      ...overrides,
    })
  }

  return {
    sub,
    bill,
    session,
    emit,
    renewal,
    subId: sub.id,
    periodEnd: isoOf(sub.items.data[0]?.current_period_end ?? 0),
    /** In the order in which they happen; all within one second. */
    six: [
      emit('customer.subscription.created', { ...sub, status: 'incomplete' }),
      emit('invoice.paid', bill),
      emit('invoice_payment.paid', paying),
      emit('customer.subscription.updated', sub),
      emit('checkout.session.completed', session),
      emit('payment_intent.succeeded', { id: 'pi_first', object: 'payment_intent' } as Stripe.PaymentIntent),
    ],
    invoicePaid: (invoice: Stripe.Invoice, paymentIntent: string) => [
      emit('invoice.paid', invoice, invoice.created),
      emit('invoice_payment.paid', invoicePayment(invoice, paymentIntent), invoice.created),
    ],
    updated: (changes: Partial<Stripe.Subscription>, at: number) =>
      emit('customer.subscription.updated', { ...sub, ...changes }, at),
    deleted: (at: number) =>
      emit('customer.subscription.deleted', { ...sub, status: 'canceled', ended_at: at }, at),
  }
}

function moved(item: Stripe.SubscriptionItem, periods: number): Stripe.SubscriptionItem {
  const length = item.current_period_end - item.current_period_start
  return {
    ...item,
    current_period_start: item.current_period_start + periods * length,
    current_period_end: item.current_period_end + periods * length,
  }
}

export function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** Bought once, for 10.00. */
export function saleStory({ metadata = ours, apiVersion }: Told = {}) {
  const session = checkoutSession({
    metadata,
    currency: 'eur',
    amount_total: 1_000,
    payment_intent: 'pi_sale',
  })
  const emit = <T extends EventType>(type: T, object: ObjectOf<T>, at = start): SnapshotEvent =>
    stripeEvent(type, object, { created: at, ...(apiVersion && { apiVersion }) })
  const link = { charge: 'ch_sale', payment_intent: 'pi_sale' }
  return {
    session,
    emit,
    paid: emit('checkout.session.completed', session),
    refund: (overrides: Partial<Stripe.Refund>, at = start + 60, type: RefundEvent = 'refund.updated') =>
      emit(type, refund({ id: 're_1', currency: 'eur', ...link, ...overrides }), at),
    refundedCharge: (amount_refunded: number, refunds?: Stripe.Refund[]) =>
      emit('charge.refunded', {
        ...charge({ id: 'ch_sale', payment_intent: 'pi_sale', amount_refunded, currency: 'eur' }),
        ...(refunds && { refunds: { object: 'list', data: refunds, has_more: false, url: '/v1/refunds' } }),
      }),
    dispute: (status: string, at = start + 60, id = 'dp_1', type: DisputeEvent = 'charge.dispute.updated') =>
      emit(
        type,
        { id, object: 'dispute', amount: 1_000, currency: 'eur', status, ...link } as Stripe.Dispute,
        at,
      ),
    warning: (id = 'issfr_1') =>
      emit('radar.early_fraud_warning.created', {
        ...{ id, object: 'radar.early_fraud_warning', actionable: true, created: start, livemode: false },
        ...{ fraud_type: 'made_with_stolen_card', ...link },
      }),
    review: (open: boolean, closed_reason: Stripe.Review['closed_reason'] = null) =>
      emit(open ? 'review.opened' : 'review.closed', {
        ...{ id: 'prv_1', object: 'review', open, opened_reason: 'rule', reason: 'rule', closed_reason },
        ...link,
      } as Stripe.Review),
  }
}

type RefundEvent = 'refund.created' | 'refund.updated' | 'refund.failed' | 'charge.refund.updated'
type DisputeEvent =
  `charge.dispute.${'created' | 'updated' | 'closed' | 'funds_withdrawn' | 'funds_reinstated'}`

export function planPrice(
  plan: string,
  unit_amount: number,
  overrides: Partial<Stripe.Price> = {},
): Stripe.Price {
  return price({ currency: 'eur', unit_amount, metadata: { plan }, ...overrides })
}

/** Every order in which these can come. */
export function permutationsOf<T>(items: T[]): T[][] {
  if (items.length < 2) return [items]
  return items.flatMap((item, index) =>
    permutationsOf([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  )
}
