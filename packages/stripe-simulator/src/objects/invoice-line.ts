import type Stripe from 'stripe'
import { formerly } from '../formerly.ts'
import { newId } from '../ids.ts'

export function invoiceLines(id: string, lines: Stripe.InvoiceLineItem[]): Stripe.Invoice['lines'] {
  return {
    object: 'list',
    data: lines.map((line) => ({ ...line, invoice: id })),
    has_more: false,
    url: `/v1/invoices/${id}/lines`,
  }
}

/** What an item costs for its current period, or a part of that where `amount` and `proration` say so. */
export function subscriptionLine(
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  options: Partial<Stripe.InvoiceLineItem> & { proration?: boolean } = {},
): Stripe.InvoiceLineItem {
  const { proration = false, ...overrides } = options
  const quantity = item.quantity ?? 1
  const { amount = (item.price.unit_amount ?? 0) * quantity } = overrides
  const { product } = item.price
  return {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: subscription.currency,
    description: null,
    discount_amounts: [],
    discountable: !proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: subscription.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration,
        proration_details: proration ? { credited_items: null } : null,
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period: { end: item.current_period_end, start: item.current_period_start },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: item.price.id, product: typeof product === 'string' ? product : product.id },
      type: 'price_details',
      unit_amount_decimal: item.price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: null,
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
    ...overrides,
    ...before(item, proration),
  }
}

function before({ id, plan, price }: Stripe.SubscriptionItem, proration: boolean) {
  return {
    [formerly]: {
      plan,
      price,
      proration,
      subscription_item: id,
      type: proration ? 'invoiceitem' : 'subscription',
    },
  }
}
