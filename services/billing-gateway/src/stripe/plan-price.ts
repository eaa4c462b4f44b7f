import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import type { PlanChange } from './subscription-change.ts'

/** The price of a plan at Stripe: one for each plan, amount and interval, created where it is missing. */
export async function planPrice(stripe: Stripe, change: PlanChange, product: string): Promise<string> {
  const lookup_key = lookupKeyOf(change, product)
  const found = await findPrice(stripe, lookup_key)
  if (found) return found
  const { plan, product_name, price, interval } = change
  try {
    const created = await stripe.prices.create(
      {
        product,
        currency: price.currency,
        unit_amount: price.amount,
        recurring: { interval },
        nickname: product_name,
        lookup_key,
        metadata: { plan },
      },
      { idempotencyKey: `price:${lookup_key}` },
    )
    return created.id
  } catch (error) {
    // Created by a concurrent call, or by one whose saved error Stripe repeats.
    const made = await findPrice(stripe, lookup_key)
    if (made) return made
    throw error
  }
}

async function findPrice(stripe: Stripe, lookupKey: string): Promise<string | null> {
  const { data } = await stripe.prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 })
  return data[0]?.id ?? null
}

function lookupKeyOf({ plan, price, interval }: PlanChange, product: string): string {
  const terms = JSON.stringify([product, plan, price.amount, price.currency, interval])
  return `spawnpoint_${createHash('sha256').update(terms).digest('hex').slice(0, 40)}`
}
