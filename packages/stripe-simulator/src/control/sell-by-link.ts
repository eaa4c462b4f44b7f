import type Stripe from 'stripe'
import { z } from 'zod'
import { type Account, must, nobody } from '../account.ts'
import { createPrice } from '../catalogue.ts'
import { createSession } from '../checkout/create-session.ts'
import { paySession } from '../checkout/pay-session.ts'
import { newId } from '../ids.ts'
import { interval } from './subscribe.ts'

const entries = z.record(z.string(), z.string())

export const linkSale = z.strictObject({
  mode: z.enum(['payment', 'subscription']).default('subscription'),
  /** In minor units, of one; 0 is a page on which nothing is owed. */
  amount: z.number().int().min(0).default(999),
  currency: z.string().length(3).default('eur'),
  interval: interval.default('month'),
  name: z.string().default('Game server'),
  price_metadata: entries.default({}),
  /** On the session alone: a link does not pass it on to the subscription, its invoices or the payment. */
  metadata: entries.default({}),
  subscription_metadata: entries.default({}),
  /** How many the buyer takes: the page lets them choose. */
  quantity: z.number().int().min(1).default(1),
  /** Prices in minor units of further lines of the same sale. */
  add_ons: z.array(z.number().int().min(0)).default([]),
  /** What a coupon takes off the first payment, in minor units. */
  discount: z.number().int().min(0).default(0),
  trial_days: z.number().int().min(1).optional(),
  customer: z.string().optional(),
  email: z.email().optional(),
  outcome: z.enum(['paid', 'async']).default('paid'),
})

/**
 * A sale at one of the seller's Payment Links: nobody has called the API for it. Source: the SDK's
 * descriptions of `PaymentLink.metadata` (copied to its sessions) and `subscription_data.metadata` (to the subscription).
 */
export function sellByLink(account: Account, sale: z.infer<typeof linkSale>) {
  const prices = [sale.amount, ...sale.add_ons].map((amount, index) => priceOf(account, sale, amount, index))
  const trial = sale.trial_days === undefined ? {} : { trial_period_days: sale.trial_days }
  const session = createSession(
    account,
    {
      mode: sale.mode,
      customer: sale.customer,
      line_items: prices.map(({ id }, index) => ({ price: id, quantity: index === 0 ? sale.quantity : 1 })),
      metadata: sale.metadata,
      success_url: 'https://shop.example.com/thanks',
      ...(sale.mode === 'subscription' && {
        subscription_data: { metadata: sale.subscription_metadata, ...trial },
      }),
    },
    {
      payUrl: (id) => `https://buy.stripe.com/${id}`,
      cause: nobody,
      discount: sale.discount,
      link: newId('plink'),
    },
  )
  const payer = sale.email === undefined ? {} : { email: sale.email }
  const { result, events } = account.watching(() => paySession(account, session.id, sale.outcome, payer))
  return { session: result, ...soldTo(account, result), events }
}

function soldTo(account: Account, { subscription, invoice }: Stripe.Checkout.Session) {
  return {
    subscription: typeof subscription === 'string' ? must(account.subscriptions, subscription) : null,
    invoice: typeof invoice === 'string' ? must(account.invoices, invoice) : null,
  }
}

function priceOf(account: Account, sale: z.infer<typeof linkSale>, unit_amount: number, index: number) {
  return createPrice(
    account,
    {
      currency: sale.currency,
      metadata: index === 0 ? sale.price_metadata : {},
      product_data: { name: index === 0 ? sale.name : `Add-on ${index}` },
      ...(sale.mode === 'subscription' && { recurring: { interval: sale.interval } }),
      unit_amount,
    },
    nobody,
  )
}
