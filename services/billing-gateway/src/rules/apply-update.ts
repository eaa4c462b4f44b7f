import { decideDispute, decideFraud, decideInvoicePayment, decideRefunds } from './apply-charge.ts'
import { decidePayment } from './apply-payment.ts'
import { decideSubscription } from './apply-subscription.ts'
import type { Books } from './billing-state.ts'
import type { Fact } from './billing-update.ts'
import type { Decision, Happened } from './decision.ts'

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
