import { join, sql, type Transaction } from '@spawnpoint/database'
import type { FraudSignal } from '../rules/fraud.ts'
import { type Charges, ofCharges } from './of-charges.ts'

const select = sql`SELECT id AS signalId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, sentence
  FROM fraud_signal`

export function findFraudSignals(tx: Transaction, charges: Charges): PromiseLike<FraudSignal[]> {
  return tx.$queryRaw<FraudSignal[]>(ofCharges(select, charges))
}

export async function saveFraudSignals(tx: Transaction, signals: FraudSignal[]): Promise<void> {
  if (signals.length === 0) return
  const rows = signals
    .toSorted((a, b) => (a.signalId < b.signalId ? -1 : 1))
    .map(
      ({ signalId, paymentIntentId, chargeId, status, sentence }) =>
        sql`(${signalId}, ${paymentIntentId}, ${chargeId}, ${status}, ${sentence})`,
    )
  await tx.$executeRaw(
    sql`INSERT INTO fraud_signal (id, payment_intent_id, charge_id, status, sentence) VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE status = VALUES(status), sentence = VALUES(sentence)`,
  )
}
