import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { Dispute } from '../rules/dispute.ts'
import type { FraudSignal } from '../rules/fraud.ts'
import type { Refund } from '../rules/refund.ts'
import type { StoredPayment } from '../rules/stored-payment.ts'

// What is known of the charges of payments: refunds, disputes, signs of fraud, and of which payment each is. Everybody inserts in
// the order of ids, so that nobody waits in a circle.

export type Charges = { paymentIntents: string[]; charges: string[] }

export async function findRefunds(tx: Transaction, charges: Charges): Promise<Refund[]> {
  const rows = await tx.$queryRaw<(Omit<Refund, 'amount'> & { amount: bigint })[]>(
    ofCharges(
      sql`SELECT id AS refundId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, amount, currency,
            refund_request_id AS refundRequestId, as_of AS asOf FROM refund`,
      charges,
    ),
  )
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}

export async function saveRefunds(tx: Transaction, refunds: Refund[]): Promise<void> {
  if (refunds.length === 0) return
  const rows = inOrder(refunds, ({ refundId }) => refundId).map(
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

type DisputeRow = Omit<Dispute, 'amount' | 'openedAt'> & { amount: bigint; openedAt: Date | null }

export async function findDisputes(tx: Transaction, charges: Charges): Promise<Dispute[]> {
  const rows = await tx.$queryRaw<DisputeRow[]>(
    ofCharges(
      sql`SELECT id AS disputeId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, amount, currency,
            reason, opened_at AS openedAt, as_of AS asOf FROM dispute`,
      charges,
    ),
  )
  return rows.map((row) => ({ ...row, amount: Number(row.amount), openedAt: row.openedAt ?? row.asOf }))
}

export async function saveDisputes(tx: Transaction, disputes: Dispute[]): Promise<void> {
  if (disputes.length === 0) return
  const rows = inOrder(disputes, ({ disputeId }) => disputeId).map(
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

export function findFraudSignals(tx: Transaction, charges: Charges): PromiseLike<FraudSignal[]> {
  return tx.$queryRaw<FraudSignal[]>(
    ofCharges(
      sql`SELECT id AS signalId, payment_intent_id AS paymentIntentId, charge_id AS chargeId, status, sentence
          FROM fraud_signal`,
      charges,
    ),
  )
}

export async function saveFraudSignals(tx: Transaction, signals: FraudSignal[]): Promise<void> {
  if (signals.length === 0) return
  const rows = inOrder(signals, ({ signalId }) => signalId).map(
    ({ signalId, paymentIntentId, chargeId, status, sentence }) =>
      sql`(${signalId}, ${paymentIntentId}, ${chargeId}, ${status}, ${sentence})`,
  )
  await tx.$executeRaw(
    sql`INSERT INTO fraud_signal (id, payment_intent_id, charge_id, status, sentence) VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE status = VALUES(status), sentence = VALUES(sentence)`,
  )
}

/** The payments that one of these PaymentIntents or charges paid a part of. */
export function paymentsChargedBy(ids: string[]): Sql[] {
  return ids.length === 0 ? [] : [sql`SELECT payment_id AS id FROM payment_charge WHERE id IN (${join(ids)})`]
}

/** Those that the columns of `payment` have no place for. */
export async function saveOtherCharges(tx: Transaction, payments: StoredPayment[]): Promise<void> {
  const others = payments.flatMap(({ payment_id, payment_intent_id, charge_id, charged_by }) =>
    charged_by
      .filter((id) => id !== payment_intent_id && id !== charge_id)
      .map((id) => ({ id, paymentId: payment_id })),
  )
  if (others.length === 0) return
  const rows = inOrder(others, ({ id }) => id).map(({ id, paymentId }) => sql`(${id}, ${paymentId})`)
  await tx.$executeRaw(
    sql`INSERT INTO payment_charge (id, payment_id) VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE payment_id = VALUES(payment_id)`,
  )
}

/** Rows of these PaymentIntents or charges, each by its own index. At least one is given. */
export function ofCharges(select: Sql, { paymentIntents, charges }: Charges): Sql {
  return join(
    [
      ...(paymentIntents.length > 0
        ? [sql`${select} WHERE payment_intent_id IN (${join(paymentIntents)})`]
        : []),
      ...(charges.length > 0 ? [sql`${select} WHERE charge_id IN (${join(charges)})`] : []),
    ],
    ' UNION ',
  )
}

function inOrder<T>(items: T[], idOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
}
