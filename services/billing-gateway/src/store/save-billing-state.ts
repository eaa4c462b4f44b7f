import type { Transaction } from '@spawnpoint/database'
import { appendOutbox } from '@spawnpoint/messaging'
import type { Books } from '../rules/billing-state.ts'
import { saveDisputes } from './disputes.ts'
import { saveFraudSignals } from './fraud-signals.ts'
import { savePayments } from './payments.ts'
import { saveRefunds } from './refunds.ts'
import { saveSubscriptions } from './subscriptions.ts'

/** `known` are the payments that were there when the books were opened. */
export async function saveBooks(tx: Transaction, books: Books, known: ReadonlySet<string>): Promise<void> {
  const { changed } = books
  await savePayments(tx, pick(books.payments, changed.payments), known)
  await saveSubscriptions(
    tx,
    pick(books.subscriptions, changed.subscriptions).filter((each) => each !== null),
  )
  await saveRefunds(tx, pick(books.refunds, changed.refunds))
  await saveDisputes(tx, pick(books.disputes, changed.disputes))
  await saveFraudSignals(tx, pick(books.signals, changed.signals))
  await appendOutbox(tx, books.outgoing)
}

function pick<T>(all: Map<string, T>, ids: Set<string>): T[] {
  return [...all].flatMap(([id, item]) => (ids.has(id) ? [item] : []))
}
