import type { Random } from './random.ts'

export type PlannedOrder = {
  number: number
  atMs: number
  /** `link`: nobody placed it, the payment begins it, as with a Payment Link. */
  from: 'shop' | 'link'
  ending: Ending
  plan: 'once' | 'monthly'
  email: string
  /** Unique: by this name the panel's servers are found, whatever became of their external ids. */
  serverName: string
  /** Between the buyer's sight of the payment page and what they do there. */
  thinkMs: number
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
  const from = random.weighted({ shop: 90, link: 10 })
  const ending = from === 'shop' ? random.weighted(shopEndings) : random.weighted(linkEndings)
  const isReturning = from === 'shop' && random.chance(0.3)
  const customer = isReturning ? `regular.${random.integer(1, 20)}` : `buyer.${number}`
  // A bank debit settles a payment, not a subscription's first invoice, in this rig; and its links sell once.
  const onlyOnce = from === 'link' || ending === 'bank-pays' || ending === 'bank-refuses'
  const plan = random.weighted({ once: 70, monthly: 30 })
  return {
    number,
    atMs,
    from,
    ending,
    plan: onlyOnce ? 'once' : plan,
    email: `${customer}@example.com`,
    serverName: `chaos ${String(number).padStart(6, '0')}`,
    thinkMs: random.integer(0, 800),
  }
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
