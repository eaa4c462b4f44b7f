import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { StoredPayment } from '../rules/stored-payment.ts'

/** The payments that one of these PaymentIntents or charges paid a part of. */
export function paymentsChargedBy(ids: string[]): Sql[] {
  return ids.length === 0 ? [] : [sql`SELECT payment_id AS id FROM payment_charge WHERE id IN (${join(ids)})`]
}

/** Those that the columns of `payment` have no place for. */
export async function saveOtherCharges(tx: Transaction, payments: StoredPayment[]): Promise<void> {
  const rows = payments.flatMap(otherCharges).toSorted(byId)
  if (rows.length === 0) return
  await tx.$executeRaw(
    sql`INSERT INTO payment_charge (id, payment_id)
        VALUES ${join(rows.map(({ id, paymentId }) => sql`(${id}, ${paymentId})`))}
        ON DUPLICATE KEY UPDATE payment_id = VALUES(payment_id)`,
  )
}

type Row = { id: string; paymentId: string }

function otherCharges({ payment_id, payment_intent_id, charge_id, charged_by }: StoredPayment): Row[] {
  const others = charged_by.filter((id) => id !== payment_intent_id && id !== charge_id)
  return others.map((id) => ({ id, paymentId: payment_id }))
}

// Everybody inserts in the same order, so that nobody waits in a circle.
function byId(a: Row, b: Row): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
