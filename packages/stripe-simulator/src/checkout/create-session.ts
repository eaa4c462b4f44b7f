import type Stripe from 'stripe'
import type { z } from 'zod'
import type { Account, Cause } from '../account.ts'
import { ApiError, invalidParam, missingParam } from '../api/api-error.ts'
import { createPrice } from '../catalogue.ts'
import { newId, newSessionId } from '../ids.ts'
import { checkoutSession, customerDetails } from '../objects/checkout-session.ts'
import { lineItem } from '../objects/line-item.ts'
import { anchorOf } from '../subscriptions/create-subscription.ts'
import { shareUntil } from '../subscriptions/start-subscription.ts'
import type { sessionParams } from './session-params.ts'

type SessionParams = z.infer<typeof sessionParams>

type Circumstances = {
  payUrl: (id: string) => string
  cause: Cause
  /** What a coupon takes off the first payment, in minor units. */
  discount?: number
  /** The Payment Link it was made by. */
  link?: string
}

export function createSession(
  account: Account,
  params: SessionParams,
  { payUrl, cause, discount = 0, link }: Circumstances,
) {
  const now = account.seconds()
  refuseOtherMode(params)
  refuseOddExpiry(params.expires_at, now)
  refuseUnknownCustomer(account, params)
  const lineItems = params.line_items
    .map((line, index) => toLineItem(account, line, index, params.mode, cause))
    .map((line) => (link === undefined ? line : { ...line, adjustable_quantity: adjustable }))
  const trialEnd = trialEndOf(params, now)
  const anchor = firstAnchorOf(params, lineItems, now)
  const subtotal = firstTotal(lineItems, { trialEnd, anchor, now })

  const id = newSessionId()
  account.terms.set(id, {
    lineItems,
    paymentMetadata: params.payment_intent_data?.metadata ?? {},
    paymentDescription: params.payment_intent_data?.description ?? null,
    subscriptionDescription: params.subscription_data?.description ?? null,
    subscriptionMetadata: params.subscription_data?.metadata ?? {},
    trialEnd,
    discount: Math.min(discount, subtotal),
    anchor,
    missingPaymentMethod: params.subscription_data?.trial_settings?.end_behavior.missing_payment_method,
  })
  const email = params.customer_email ?? account.customers.get(params.customer ?? '')?.email ?? null
  return account.sessions.save(
    checkoutSession({
      id,
      allow_promotion_codes: params.allow_promotion_codes ?? null,
      amount_subtotal: subtotal,
      amount_total: Math.max(0, subtotal - discount),
      cancel_url: params.cancel_url ?? null,
      client_reference_id: params.client_reference_id ?? null,
      created: now,
      currency: oneCurrency(lineItems, params.currency),
      customer: params.customer ?? null,
      customer_creation: params.mode === 'payment' ? (params.customer_creation ?? 'if_required') : null,
      customer_details: email === null ? null : customerDetails(email),
      customer_email: params.customer_email ?? null,
      expires_at: params.expires_at ?? now + day,
      locale: params.locale ?? null,
      ...(discount > 0 && { discounts: [{ coupon: newId('coupon', 8), promotion_code: null }] }),
      metadata: params.metadata ?? {},
      mode: params.mode,
      ...(params.payment_method_collection && {
        payment_method_collection: params.payment_method_collection,
      }),
      payment_link: link ?? null,
      payment_method_types: params.payment_method_types ?? ['card'],
      status: 'open',
      submit_type: params.submit_type ?? null,
      success_url: params.success_url,
      total_details: { amount_discount: Math.min(discount, subtotal), amount_shipping: 0, amount_tax: 0 },
      url: payUrl(id),
    }),
  )
}

type Anchor = ReturnType<typeof anchorOf>

function firstAnchorOf(
  { subscription_data = {} }: SessionParams,
  items: Stripe.LineItem[],
  now: number,
): Anchor {
  return anchorOf(
    subscription_data,
    items.flatMap(({ price }) => (price ? [{ price }] : [])),
    now,
  )
}

function firstTotal(
  items: Stripe.LineItem[],
  { trialEnd, anchor, now }: { trialEnd: number | null; anchor: Anchor; now: number },
) {
  if (trialEnd !== null || anchor?.isFree) return 0
  const amounts = items.map(({ amount_total, price, quantity }) =>
    anchor && price ? shareUntil(anchor.at, now, { price, quantity: quantity ?? 1 }) : amount_total,
  )
  return amounts.reduce((sum, amount) => sum + amount, 0)
}

const adjustable = { enabled: true, maximum: 99, minimum: 1 }

const minute = 60
const day = 24 * 60 * minute

function refuseOtherMode({ mode, ...params }: SessionParams) {
  const foreign =
    mode === 'payment' ? ['subscription_data'] : ['payment_intent_data', 'customer_creation', 'submit_type']
  const found = foreign.find((name) => Reflect.get(params, name) !== undefined)
  if (found) throw invalidParam(`You can not pass \`${found}\` in \`${mode}\` mode.`, found)
}

function refuseOddExpiry(expiresAt: number | undefined, now: number) {
  if (expiresAt === undefined) return
  if (expiresAt < now + 30 * minute) {
    throw invalidParam(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    )
  }
  if (expiresAt > now + day) {
    throw invalidParam(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    )
  }
}

function trialEndOf({ subscription_data }: SessionParams, now: number) {
  const { trial_end, trial_period_days } = subscription_data ?? {}
  if (trial_end !== undefined) return trial_end
  return trial_period_days === undefined ? null : now + trial_period_days * day
}

function refuseUnknownCustomer(account: Account, { customer, customer_email }: SessionParams) {
  if (customer !== undefined && customer_email !== undefined) {
    throw invalidParam('You may only specify one of these parameters: customer, customer_email.', 'customer')
  }
  if (customer !== undefined && !account.customers.has(customer)) {
    throw missingParam('customer', customer, 'customer')
  }
}

function toLineItem(
  account: Account,
  line: SessionParams['line_items'][number],
  index: number,
  mode: SessionParams['mode'],
  cause: Cause,
): Stripe.LineItem {
  const price = priceOf(account, line, index, cause)
  if (mode === 'payment' && price.recurring) {
    throw new ApiError(
      400,
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
    )
  }
  if (mode === 'subscription' && !price.recurring) {
    throw new ApiError(
      400,
      'You must provide at least one recurring price in `subscription` mode when using prices. (One-time prices beside it are not simulated.)',
    )
  }
  const product = account.products.get(String(price.product))
  return lineItem(price, line.quantity, product?.name ?? price.nickname ?? 'Item')
}

function priceOf(
  account: Account,
  line: SessionParams['line_items'][number],
  index: number,
  cause: Cause,
): Stripe.Price {
  if (line.price_data) return createPrice(account, { ...line.price_data, active: false }, cause)
  const price = account.prices.get(line.price ?? '')
  if (price) return price
  throw missingParam('price', line.price ?? '', `line_items[${index}][price]`)
}

function oneCurrency(items: Stripe.LineItem[], asked: string | undefined) {
  const priced = items.map((item) => item.currency)
  const [currency, ...others] = new Set(asked === undefined ? priced : [asked, ...priced])
  if (currency === undefined || others.length > 0) {
    throw new ApiError(400, 'All line items of a Checkout Session must have the same currency.')
  }
  return currency
}
