import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Dispute } from '../rules/dispute.ts'
import { type Charges, ofCharges } from './of-charges.ts'

type Row = Omit<Dispute, 'amount' | 'openedAt'> & { amount: bigint; openedAt: Date | null }

const select = sql`SELECT id AS disputeId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, amount, currency,
  reason, opened_at AS openedAt, as_of AS asOf FROM dispute`

export async function findDisputes(tx: Transaction, charges: Charges): Promise<Dispute[]> {
  const rows = await tx.$queryRaw<Row[]>(ofCharges(select, charges))
  return rows.map((row) => ({ ...row, amount: Number(row.amount), openedAt: row.openedAt ?? row.asOf }))
}

export async function saveDisputes(tx: Transaction, disputes: Dispute[]): Promise<void> {
  if (disputes.length === 0) return
  const rows = disputes
    .toSorted((a, b) => (a.disputeId < b.disputeId ? -1 : 1))
    .map(
      ({ disputeId, paymentIntentId, chargeId, status, amount, currency, reason, openedAt, asOf }) =>
        sql`(${disputeId}, ${paymentIntentId}, ${chargeId}, ${status}, ${amount}, ${currency}, ${reason}, ${openedAt}, ${asOf})`,
    )
  await tx.$executeRaw(
    sql`INSERT INTO dispute (id, payment_intent_id, charge_id, status, amount, currency, reason, opened_at, as_of)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE status = VALUES(status), amount = VALUES(amount), reason = VALUES(reason),
          opened_at = VALUES(opened_at), as_of = VALUES(as_of)`,
  )
}
