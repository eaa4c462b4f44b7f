import type { Transaction } from '@spawnpoint/database'
import { appendOutbox } from '@spawnpoint/messaging'
import type { BillingState } from '../rules/billing-state.ts'
import { saveDisputes } from './disputes.ts'
import { saveFraudSignals } from './fraud-signals.ts'
import { savePayments } from './payments.ts'
import { saveRefunds } from './refunds.ts'
import { saveSubscriptions } from './subscriptions.ts'

/** `known` are the payments that were there when the state was loaded. */
export async function saveBillingState(
  tx: Transaction,
  billing: BillingState,
  known: ReadonlySet<string>,
): Promise<void> {
  const { changed } = billing
  await savePayments(tx, pick(billing.payments, changed.payments), known)
  await saveSubscriptions(
    tx,
    pick(billing.subscriptions, changed.subscriptions).filter((each) => each !== null),
  )
  await saveRefunds(tx, pick(billing.refunds, changed.refunds))
  await saveDisputes(tx, pick(billing.disputes, changed.disputes))
  await saveFraudSignals(tx, pick(billing.signals, changed.signals))
  await appendOutbox(tx, billing.outgoing)
}

function pick<T>(all: Map<string, T>, ids: Set<string>): T[] {
  return [...all].flatMap(([id, item]) => (ids.has(id) ? [item] : []))
}
