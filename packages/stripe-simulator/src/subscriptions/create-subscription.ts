import type Stripe from 'stripe'
import type { z } from 'zod'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'
import { periodEnd } from '../objects/subscription.ts'
import { cardError, isAccepted } from '../payments/card.ts'
import { cardOf } from '../payments/cards.ts'
import { priceFor, refuseTooMany } from './change-items.ts'
import { changeSubscription } from './change-subscription.ts'
import { collectInvoice } from './collect-invoice.ts'
import { lastPeriodEnd } from './periods.ts'
import { daysMissing } from './plain-changes.ts'
import { startSubscription } from './start-subscription.ts'
import type { createParams } from './subscription-params.ts'

export function createSubscription(account: Account, params: z.infer<typeof createParams>, cause: Cause) {
  if (!account.customers.has(params.customer)) throw missingParam('customer', params.customer, 'customer')
  refuseTooMany(params.items.length)
  const items = params.items.map((item, index) => {
    const price = priceFor(account, item, index, cause)
    if (!price) throw missingParam('price', item.price ?? '', `items[${index}][price]`)
    return { price, quantity: item.quantity ?? 1 }
  })
  const [currency, ...others] = new Set(items.map(({ price }) => price.currency))
  if (currency === undefined || others.length > 0) {
    throw new ApiError(400, 'All prices of a subscription must have the same currency.')
  }
  const card = cardOf(account, params.customer)
  const trialEnd = trialEndOf(params, account.seconds())
  const behavior = params.payment_behavior ?? 'allow_incomplete'
  if (behavior === 'error_if_incomplete' && trialEnd === null && !isAccepted(card)) throw cardError(card)

  const { subscription, invoice } = startSubscription(
    account,
    {
      customer: params.customer,
      currency,
      items,
      metadata: params.metadata ?? {},
      description: params.description ?? null,
      trialEnd,
      anchor: anchorOf(params, items, account.seconds()),
      daysUntilDue: daysUntilDue(params),
      missingPaymentMethod: params.trial_settings?.end_behavior.missing_payment_method,
    },
    cause,
  )
  const isOpen = invoice.status === 'open'
  if (isOpen && (behavior !== 'default_incomplete' || invoice.amount_due === 0)) {
    collectInvoice(account, invoice)
  }
  if (!params.cancel_at_period_end) return must(account.subscriptions, subscription.id)
  return changeSubscription(account, subscription.id, {
    cancel_at: lastPeriodEnd(subscription),
    cancel_at_period_end: true,
    canceled_at: account.seconds(),
  })
}

function trialEndOf({ trial_end, trial_period_days }: z.infer<typeof createParams>, now: number) {
  if (trial_end !== undefined) return trial_end
  return trial_period_days === undefined ? null : now + trial_period_days * 86_400
}

function daysUntilDue({ collection_method, days_until_due }: z.infer<typeof createParams>) {
  if (collection_method !== 'send_invoice') return undefined
  if (days_until_due === undefined) throw daysMissing()
  return days_until_due
}

/** Source: docs.stripe.com/billing/subscriptions/billing-cycle: in the future, and before the next natural date. */
export function anchorOf(
  {
    billing_cycle_anchor: at,
    proration_behavior,
  }: { billing_cycle_anchor?: number | undefined; proration_behavior?: string | undefined },
  items: { price: Stripe.Price }[],
  now: number,
) {
  if (at === undefined) return undefined
  if (at <= now || items.some(({ price }) => at > periodEnd(now, price))) {
    throw new ApiError(
      400,
      '`billing_cycle_anchor` must be in the future, and no later than the next natural billing date.',
      { param: 'billing_cycle_anchor' },
    )
  }
  return { at, isFree: proration_behavior === 'none' }
}
