import type Stripe from 'stripe'
import { formerFieldsOf } from './formerly.ts'

/** An object as versions before 2025-03-31 show it, with the links and periods that were taken out then. */
export function beforeBasil(object: { object: string }): object {
  if (!isVersioned(object)) return object
  switch (object.object) {
    case 'subscription':
      return { ...object, ...periodOf(object.items.data) }
    case 'invoice':
      return invoice(object)
    case 'charge':
    case 'payment_intent':
      return { ...object, invoice: null, ...formerFieldsOf(object) }
    default:
      return object satisfies never
  }
}

/** Where the old values stood elsewhere, they are shown there. */
export function previousBeforeBasil(previous: object, object: { object: string }): object {
  if (!isVersioned(object)) return previous
  if (object.object === 'subscription') {
    const items = 'items' in previous ? itemsIn(previous.items) : undefined
    return items ? { ...previous, ...periodOf(items) } : previous
  }
  if (object.object === 'invoice' && 'status' in previous && object.status === 'paid') {
    return { ...previous, paid: false }
  }
  return previous
}

type Versioned = Stripe.Subscription | Stripe.Invoice | Stripe.Charge | Stripe.PaymentIntent

function isVersioned(object: { object: string }): object is Versioned {
  return ['subscription', 'invoice', 'charge', 'payment_intent'].includes(object.object)
}

function periodOf([item]: Stripe.SubscriptionItem[]) {
  return {
    current_period_end: item?.current_period_end ?? null,
    current_period_start: item?.current_period_start ?? null,
    plan: item?.plan ?? null,
    quantity: item?.quantity ?? null,
  }
}

function itemsIn(list: unknown): Stripe.SubscriptionItem[] | undefined {
  return isItems(list) ? list.data : undefined
}

function isItems(list: unknown): list is Stripe.Subscription['items'] {
  return typeof list === 'object' && list !== null && 'data' in list && Array.isArray(list.data)
}

function invoice({ parent, payments, lines, ...rest }: Stripe.Invoice) {
  const details = parent?.subscription_details
  const payment = payments?.data[0]?.payment
  return {
    ...rest,
    charge: payment?.charge ?? null,
    lines: { ...lines, data: lines.data.map(line) },
    paid: rest.status === 'paid',
    payment_intent: payment?.payment_intent ?? null,
    subscription: details?.subscription ?? null,
    subscription_details: { metadata: details?.metadata ?? null },
    ...formerFieldsOf(rest),
  }
}

function line(item: Stripe.InvoiceLineItem) {
  const { parent: _, pricing: __, ...rest } = item
  return { ...rest, ...formerFieldsOf(item) }
}
