import Stripe from 'stripe'
import { formerly } from '../formerly.ts'
import { newId } from '../ids.ts'

/** Something that is charged once, beside the items of a subscription. */
export function invoiceItem(
  overrides: Partial<Stripe.InvoiceItem> & { customer: string },
): Stripe.InvoiceItem {
  const { date = Math.floor(Date.now() / 1000), amount = 500 } = overrides
  return {
    id: newId('ii'),
    object: 'invoiceitem',
    amount,
    currency: 'usd',
    customer_account: null,
    date,
    description: null,
    discountable: true,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: null,
    period: { end: date, start: date },
    pricing: {
      price_details: { price: newId('price'), product: newId('prod', 14) },
      type: 'price_details',
      unit_amount_decimal: Stripe.Decimal.from(amount),
    },
    proration: false,
    quantity: 1,
    quantity_decimal: Stripe.Decimal.from(1),
    tax_rates: [],
    test_clock: null,
    ...overrides,
  }
}

/** The same on an invoice. */
export function invoiceItemLine(
  item: Stripe.InvoiceItem,
  subscription: string | null,
): Stripe.InvoiceLineItem {
  const { amount, currency, description, discountable, metadata, period, pricing, quantity } = item
  const line = {
    id: newId('il'),
    object: 'line_item' as const,
    amount,
    currency,
    description,
    discount_amounts: [],
    discountable,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: metadata ?? {},
    parent: {
      invoice_item_details: {
        invoice_item: item.id,
        proration: item.proration,
        proration_details: null,
        subscription,
      },
      subscription_item_details: null,
      type: 'invoice_item_details' as const,
    },
    period,
    pretax_credit_amounts: [],
    pricing: pricing && { ...pricing },
    quantity,
    quantity_decimal: null,
    subscription,
    subtotal: amount,
    taxes: [],
  }
  const former = { invoice_item: item.id, plan: null, price: null, proration: item.proration }
  return { ...line, ...{ [formerly]: { ...former, type: 'invoiceitem' } } }
}
