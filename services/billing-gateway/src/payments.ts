import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'

/** Those that exist, locked in the order of their ids. */
export async function lockPayments(tx: Transaction, ids: string[]): Promise<Map<string, Payment>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ state: string }[]>(
    sql`SELECT state FROM payment WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`,
  )
  const payments = rows.map(({ state }) => paymentSchema.parse(JSON.parse(state)))
  return new Map(payments.map((payment) => [payment.payment_id, payment]))
}

/** `locked` are the ids that `lockPayments` found. A new payment that another replica made meanwhile fails, and is decided again. */
export async function savePayments(
  tx: Transaction,
  payments: Payment[],
  locked: ReadonlySet<string>,
): Promise<void> {
  const inOrder = payments.toSorted((a, b) => (a.payment_id < b.payment_id ? -1 : 1))
  const created = inOrder.filter(({ payment_id }) => !locked.has(payment_id))
  const changed = inOrder.filter(({ payment_id }) => locked.has(payment_id))
  if (created.length > 0) await tx.$executeRaw(sql`${insertInto} VALUES ${join(created.map(row))}`)
  if (changed.length > 0)
    await tx.$executeRaw(
      sql`${insertInto} VALUES ${join(changed.map(row))}
          ON DUPLICATE KEY UPDATE version = VALUES(version), status = VALUES(status), order_id = VALUES(order_id),
            payment_intent_id = VALUES(payment_intent_id), session_id = VALUES(session_id),
            subscription_id = VALUES(subscription_id), state = VALUES(state), updated_at = VALUES(updated_at)`,
    )
}

const insertInto = sql`INSERT INTO payment (id, version, status, order_id, payment_intent_id, session_id, subscription_id, state,
  created_at, updated_at)`

function row(payment: Payment): Sql {
  const { payment_id, version, status, order_id, payment_intent_id, subscription_id } = payment
  return sql`(${payment_id}, ${version}, ${status}, ${order_id}, ${payment_intent_id}, ${payment.checkout_session_id ?? null},
    ${subscription_id}, ${JSON.stringify(payment)}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`
}
