import type { Account } from '../account.ts'
import { sessionDues } from '../checkout/expire-session.ts'
import { invoiceDues } from '../subscriptions/invoice-dues.ts'
import { subscriptionDues } from '../subscriptions/subscription-dues.ts'
import type { Due } from './agenda.ts'

/** The next thing that time itself brings, up to and with a second; undefined when there is none. */
export function nextDue(account: Account, until: number): Due | undefined {
  let next: Due | undefined
  for (const due of allDues(account)) {
    if (due.at <= until && (!next || due.at < next.at || (due.at === next.at && due.rank < next.rank))) {
      next = due
    }
  }
  return next
}

function* allDues(account: Account): Generator<Due> {
  yield* account.agenda.dues()
  yield* sessionDues(account)
  yield* subscriptionDues(account)
  yield* invoiceDues(account)
}
