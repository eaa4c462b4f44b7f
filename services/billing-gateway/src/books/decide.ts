import type { Fact } from '../translate/fact.ts'
import type { Books } from './books.ts'
import { decideDispute, decideFraud, decideInvoicePayment, decideRefunds } from './decide-charge.ts'
import { decidePayment } from './decide-payment.ts'
import { decideSubscription } from './decide-subscription.ts'

export type Decision =
  | { outcome: 'done'; said: string; orderId: string | null }
  /** `waitingFor`: the id of Stripe's that would make it ours, once it is known to be. */
  | { outcome: 'ignored'; reason: string; waitingFor: string | null }
  /** Only Stripe knows: `target` says what to ask it for. */
  | { outcome: 'look'; target: string }

export type Happened = { happenedAt: Date; wasLooked: boolean }

/** What one fact changes in the books. A rule: it reads and writes nothing else. */
export function decide(books: Books, fact: Fact, happened: Happened): Decision {
  switch (fact.about) {
    case 'payment':
      return decidePayment(books, fact, happened)
    case 'subscription':
      return decideSubscription(books, fact, happened)
    case 'refunds':
      return decideRefunds(books, fact, happened)
    case 'dispute':
      return decideDispute(books, fact, happened)
    case 'fraud':
      return decideFraud(books, fact, happened)
    case 'invoice-payment':
      return decideInvoicePayment(books, fact)
    default:
      return fact satisfies never
  }
}
