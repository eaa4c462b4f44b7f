import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Refund } from '../rules/refund.ts'
import { type Charges, ofCharges } from './of-charges.ts'

type Row = Omit<Refund, 'amount'> & { amount: bigint }

const select = sql`SELECT id AS refundId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, amount, currency,
  refund_request_id AS refundRequestId, as_of AS asOf FROM refund`

export async function findRefunds(tx: Transaction, charges: Charges): Promise<Refund[]> {
  const rows = await tx.$queryRaw<Row[]>(ofCharges(select, charges))
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}

export async function saveRefunds(tx: Transaction, refunds: Refund[]): Promise<void> {
  if (refunds.length === 0) return
  const rows = refunds
    .toSorted((a, b) => (a.refundId < b.refundId ? -1 : 1))
    .map(
      ({ refundId, paymentIntentId, chargeId, status, amount, currency, refundRequestId, asOf }) =>
        sql`(${refundId}, ${paymentIntentId}, ${chargeId}, ${status}, ${amount}, ${currency}, ${refundRequestId}, ${asOf})`,
    )
  await tx.$executeRaw(
    sql`INSERT INTO refund (id, payment_intent_id, charge_id, status, amount, currency, refund_request_id, as_of)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE payment_intent_id = VALUES(payment_intent_id), charge_id = VALUES(charge_id),
          status = VALUES(status), amount = VALUES(amount), refund_request_id = VALUES(refund_request_id),
          as_of = VALUES(as_of)`,
  )
}
