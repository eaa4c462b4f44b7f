import type { z } from 'zod'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'
import { cardError } from '../payments/card.ts'
import { cardOf } from '../payments/cards.ts'
import { priceFor, refuseTooMany } from './change-items.ts'
import { changeSubscription } from './change-subscription.ts'
import { collectInvoice } from './collect-invoice.ts'
import { lastPeriodEnd } from './periods.ts'
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
  if (behavior === 'error_if_incomplete' && trialEnd === null && card !== 'works') throw cardError(card)

  const { subscription, invoice } = startSubscription(
    account,
    {
      customer: params.customer,
      currency,
      items,
      metadata: params.metadata ?? {},
      description: params.description ?? null,
      trialEnd,
    },
    cause,
  )
  if (behavior !== 'default_incomplete' || invoice.amount_due === 0) collectInvoice(account, invoice)
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
