import type { PlanId } from './catalogue.ts'
import type { Random } from './random.ts'
import { type PlannedLife, planLife } from './schedule-subscriptions.ts'

export type PlannedOrder = {
  number: number
  atMs: number
  /** `link`: nobody placed it, the payment begins it, as with a Payment Link. */
  from: 'shop' | 'link'
  ending: Ending
  plan: PlanId
  email: string
  /** Unique: by this name the panel's servers are found, whatever became of their external ids. */
  serverName: string
  /** Between the buyer's sight of the payment page and what they do there. */
  thinkMs: number
  /** What becomes of its subscription in the months after; null for what is paid once. */
  life: PlannedLife | null
}

/**
 * `bank-pays`, `bank-refuses`: a debit that is known only later. `wrong-amount`: a link of the seller's that asks for
 * another price than the plan has. `walks-away` leaves the page open, `expires` until it ends.
 */
export type Ending =
  | 'pays'
  | 'pays-twice'
  | 'declined-first'
  | 'bank-pays'
  | 'bank-refuses'
  | 'walks-away'
  | 'expires'
  | 'wrong-amount'

export function planOrder(random: Random, { number, atMs }: { number: number; atMs: number }): PlannedOrder {
  const from = random.weighted({ shop: 85, link: 15 })
  const sold = random.weighted({ once: 60, subscription: 40 })
  const ending = endingOf(random, from, sold)
  const isReturning = from === 'shop' && random.chance(0.3)
  const customer = isReturning ? `regular.${random.integer(1, 20)}` : `buyer.${number}`
  // A bank debit settles a payment, not a subscription's first invoice, in this rig.
  const isOnce = sold === 'once' || ending === 'bank-pays' || ending === 'bank-refuses'
  const plan: PlanId = isOnce ? 'once' : random.weighted({ monthly: 75, 'monthly-large': 25 })
  return {
    number,
    atMs,
    from,
    ending,
    plan,
    email: `${customer}@example.com`,
    serverName: `chaos ${String(number).padStart(6, '0')}`,
    thinkMs: random.integer(0, 800),
    life: plan === 'once' ? null : planLife(random, { from, plan }),
  }
}

function endingOf(random: Random, from: PlannedOrder['from'], sold: 'once' | 'subscription'): Ending {
  if (from === 'shop') return random.weighted(shopEndings)
  // A link that sells subscriptions is paid in one go in this rig.
  return sold === 'subscription' ? 'pays' : random.weighted(linkEndings)
}

const shopEndings = {
  pays: 76,
  'pays-twice': 6,
  'declined-first': 4,
  'bank-pays': 6,
  'bank-refuses': 2,
  'walks-away': 3,
  expires: 3,
}

const linkEndings = { pays: 82, 'pays-twice': 10, 'wrong-amount': 8 }
