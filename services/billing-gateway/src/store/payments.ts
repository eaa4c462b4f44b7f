import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { join, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { idsOf } from '../rules/merge-payment.ts'
import { type StoredPayment, storedPaymentSchema } from '../rules/stored-payment.ts'
import { type Charges, ofCharges, paymentsChargedBy, saveOtherCharges } from './charges.ts'
import { insertPayments, upsertPayments } from './inline-statements.ts'
import type { Tx } from './tx.ts'

export type PaymentKeys = {
  ids: string[]
  paymentIntents: string[]
  charges: string[]
  invoices: string[]
  subscriptions: string[]
}

/** Those that exist, locked in the order of their ids. */
export async function lockPayments(tx: Transaction, keys: PaymentKeys): Promise<StoredPayment[]> {
  const found = await findPayments(tx, keys)
  const ids = [...new Set([...keys.ids, ...found])]
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string; state: string }[]>(
    sql`SELECT id, state FROM payment WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`,
  )
  return rows.map(readPayment)
}

/** The subscriptions of payments with these charges; nothing is locked. */
export async function findSubscriptions(tx: Transaction, charges: Charges): Promise<string[]> {
  if (charges.paymentIntents.length + charges.charges.length === 0) return []
  const select = sql`SELECT subscription_id AS id FROM payment`
  const others = paymentsChargedBy([...charges.paymentIntents, ...charges.charges])
  const rows = await tx.$queryRaw<{ id: string | null }[]>(
    join(
      [ofCharges(select, charges), ...others.map((ids) => sql`${select} WHERE id IN (${ids})`)],
      ' UNION ',
    ),
  )
  return rows.flatMap(({ id }) => id ?? [])
}

async function findPayments(tx: Transaction, keys: PaymentKeys): Promise<string[]> {
  const ways = [
    found(sql`payment_intent_id`, keys.paymentIntents),
    found(sql`charge_id`, keys.charges),
    paymentsChargedBy([...keys.paymentIntents, ...keys.charges]),
    found(sql`invoice_id`, keys.invoices),
    found(sql`subscription_id`, keys.subscriptions),
  ].flat()
  if (ways.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>(join(ways, ' UNION '))
  return rows.map(({ id }) => id)
}

function found(column: Sql, values: string[]): Sql[] {
  return values.length === 0 ? [] : [sql`SELECT id FROM payment WHERE ${column} IN (${join(values)})`]
}

// Defaults for rows and events from before these fields were added.
export function readPayment({ id, state }: { id: string; state: string }): StoredPayment {
  const stored = JSON.parse(state)
  return storedPaymentSchema.parse({
    checkout_session_id: id.startsWith('cs_') ? id : null,
    paid_until: null,
    paid_from: null,
    collected: null,
    lines: null,
    trial_end: null,
    invoice_status: null,
    due_at: null,
    amount_remaining: null,
    invoice_url: null,
    action_required: false,
    processing: false,
    returned: false,
    returned_amount: null,
    paid_at: null,
    unclear: null,
    disputed_at: null,
    dispute_reason: null,
    details_at: null,
    attempts: 0,
    next_attempt_at: null,
    refunded: 0,
    refund_pending: 0,
    dispute: null,
    disputed: null,
    fraud_warning: null,
    charge_id: null,
    invoice_id: id.startsWith('in_') ? id : null,
    period_end: null,
    ...stored,
    charged_by: idsOf(stored.charged_by ?? [], [stored.payment_intent_id ?? null, stored.charge_id ?? null]),
  })
}

/** `known` are the ids that were locked. Inserting a payment that another replica inserted meanwhile fails, and is retried. */
export async function savePayments(
  tx: Transaction,
  payments: StoredPayment[],
  known: ReadonlySet<string>,
): Promise<void> {
  const inOrder = payments.toSorted((a, b) => (a.payment_id < b.payment_id ? -1 : 1))
  const created = inOrder.filter(({ payment_id }) => !known.has(payment_id))
  const changed = inOrder.filter(({ payment_id }) => known.has(payment_id))
  if (created.length > 0) await tx.$executeRaw(insertPayments(created))
  if (changed.length > 0) await tx.$executeRaw(upsertPayments(changed))
  await saveOtherCharges(tx, inOrder)
}

export async function findPayment(db: Tx, id: string): Promise<Payment | null> {
  const row = await db.payment.findUnique({ where: { id }, select: { state: true } })
  return row ? paymentSchema.parse(JSON.parse(row.state)) : null
}

export async function findStoredPayment(db: Tx, id: string): Promise<StoredPayment | null> {
  const row = await db.payment.findUnique({ where: { id }, select: { state: true } })
  return row ? readPayment({ id, state: row.state }) : null
}

/** As published, without a lock. */
export async function listPayments(db: Tx, ids: string[]): Promise<Payment[]> {
  const rows = await db.payment.findMany({
    where: { version: { gt: 0 }, id: { in: ids } },
    select: { state: true },
  })
  return rows.map(({ state }) => paymentSchema.parse(JSON.parse(state)))
}

/** The newest ones of a subscription. */
export async function paymentIdsOf(db: Tx, subscriptionId: string): Promise<string[]> {
  const rows = await db.payment.findMany({
    where: { subscriptionId },
    select: { id: true },
    orderBy: { createdAt: 'desc' },
    take: 150,
  })
  return rows.map(({ id }) => id)
}

/** Another order that payments of this subscription belong to; null where there is none. */
export async function findOtherOrder(
  db: Tx,
  { subscriptionId, orderId }: { subscriptionId: string; orderId: string },
): Promise<string | null> {
  const other = await db.payment.findFirst({
    where: { subscriptionId, orderId: { not: orderId } },
    select: { orderId: true },
  })
  return other?.orderId ?? null
}
