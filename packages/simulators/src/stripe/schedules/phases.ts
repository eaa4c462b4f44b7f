import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'
import { price as priceOf, recurring } from '../objects/price.ts'
import { periodEnd } from '../objects/subscription.ts'
import type { PhaseParams } from './schedule-params.ts'

type Phase = Stripe.SubscriptionSchedule.Phase

/** Phases as they were asked for, each from where the one before ends. */
export function phasesOf(account: Account, asked: PhaseParams[], start: number, currency: string): Phase[] {
  const phases: Phase[] = []
  for (const [index, params] of asked.entries()) {
    const startsAt =
      phases.at(-1)?.end_date ?? (typeof params.start_date === 'number' ? params.start_date : start)
    const prices = params.items.map(({ price }, item) => {
      const found = account.prices.get(price)
      if (!found) throw missingParam('price', price, `phases[${index}][items][${item}][price]`)
      return found
    })
    const items = prices.map((price, item) => phaseItem(price, params.items[item]?.quantity ?? 1))
    phases.push(
      phase({
        currency,
        end_date: endOf(params, startsAt, prices[0]),
        items,
        metadata: params.metadata ?? {},
        proration_behavior: params.proration_behavior ?? 'create_prorations',
        start_date: startsAt,
      }),
    )
  }
  return phases
}

/** The phase a subscription is in when a schedule takes it over: as it is, until its period ends. */
export function currentPhase({ items, currency, metadata }: Stripe.Subscription): Phase {
  return phase({
    currency,
    end_date: Math.min(...items.data.map((item) => item.current_period_end)),
    items: items.data.map(({ price, quantity }) => phaseItem(price, quantity ?? 1)),
    metadata,
    start_date: Math.max(...items.data.map((item) => item.current_period_start)),
  })
}

function endOf({ end_date, duration }: PhaseParams, start: number, price: Stripe.Price | undefined) {
  if (end_date !== undefined) {
    if (end_date <= start) throw new ApiError(400, 'The end date of a phase must be after its start date.')
    return end_date
  }
  if (duration) {
    return periodEnd(start, priceOf({ recurring: recurring(duration.interval, duration.interval_count) }))
  }
  return price ? periodEnd(start, price) : start
}

function phaseItem(price: Stripe.Price, quantity: number): Phase['items'][number] {
  return {
    billing_thresholds: null,
    discounts: [],
    metadata: {},
    plan: price.id,
    price: price.id,
    quantity,
    tax_rates: [],
  }
}

function phase(given: Pick<Phase, 'currency' | 'end_date' | 'items' | 'start_date'> & Partial<Phase>): Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    invoice_settings: null,
    metadata: {},
    on_behalf_of: null,
    proration_behavior: 'create_prorations',
    transfer_data: null,
    trial_end: null,
    ...given,
  }
}
