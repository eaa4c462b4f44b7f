import type Stripe from 'stripe'
import { newId } from '../ids.ts'
import { planOf, price as priceOf, recurring } from './price.ts'

/** An active subscription to one monthly price; periods stand on its items, as Stripe has it since 2025-03-31. */
export function subscription(overrides: Partial<Stripe.Subscription> = {}): Stripe.Subscription {
  const id = overrides.id ?? newId('sub')
  const created = overrides.created ?? Math.floor(Date.now() / 1000)
  const { currency = 'usd' } = overrides
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: created,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created,
    currency,
    customer: newId('cus', 14),
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: subscriptionItems(id, [
      subscriptionItem(id, priceOf({ currency, recurring: recurring('month') }), 1, created),
    ]),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: created,
    status: 'active',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: {
      end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' },
    },
    trial_start: null,
    ...overrides,
  }
}

export function subscriptionItems(
  id: string,
  items: Stripe.SubscriptionItem[],
): Stripe.Subscription['items'] {
  return { object: 'list', data: items, has_more: false, url: `/v1/subscription_items?subscription=${id}` }
}

export function subscriptionItem(
  subscription: string,
  price: Stripe.Price,
  quantity: number,
  periodStart: number,
): Stripe.SubscriptionItem {
  return {
    id: newId('si', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created: periodStart,
    current_period_end: periodEnd(periodStart, price),
    current_period_start: periodStart,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity,
    subscription,
    tax_rates: [],
  }
}

/**
 * Calendar months from the anchor on, clamped to the month's last day: what began on 31 January renews on 28 February and
 * then on 31 March, as Stripe bills it.
 */
export function periodEnd(start: number, price: Stripe.Price, anchor = start) {
  for (let count = 1; ; count++) {
    const end = later(anchor, price, count)
    if (end > start) return end
  }
}

/** Where the full period begins that ends then. */
export function periodStart(end: number, price: Stripe.Price) {
  return later(end, price, -1)
}

function later(start: number, price: Stripe.Price, periods: number) {
  const { interval = 'month', interval_count = 1 } = price.recurring ?? {}
  const count = interval_count * periods
  if (interval === 'day') return start + count * 86_400
  if (interval === 'week') return start + count * 7 * 86_400
  const months = interval === 'year' ? 12 * count : count
  const date = new Date(start * 1000)
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  date.setUTCMonth(date.getUTCMonth() + months, day)
  return Math.floor(date.getTime() / 1000)
}
