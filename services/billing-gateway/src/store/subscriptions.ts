import { type Subscription, subscriptionSchema } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import type { KnownSubscription } from '../rules/subscription.ts'
import { upsertSubscriptions } from './inline-statements.ts'
import type { Tx } from './tx.ts'

type Row = { id: string; version: number; asOf: Date; state: string }

/**
 * The existing ones, locked in the order of their ids. Rows for `ours` are inserted, so that the first transaction with an event
 * of a subscription, its state or its invoice, makes the next one wait.
 */
export async function lockSubscriptions(
  tx: Transaction,
  { ids, ours }: { ids: string[]; ours: string[] },
): Promise<Map<string, KnownSubscription>> {
  if (ids.length === 0) return new Map()
  if (ours.length > 0) await makeRows(tx, ours.toSorted())
  const rows = await tx.$queryRaw<Row[]>(
    sql`SELECT id, version, as_of AS asOf, state FROM subscription WHERE id IN (${join(ids)}) ORDER BY id FOR UPDATE`,
  )
  return new Map(rows.map((row) => [row.id, readRow(row)]))
}

// Version 0: no state is known yet.
async function makeRows(tx: Transaction, ids: string[]): Promise<void> {
  const rows = ids.map(
    (id) => sql`(${id}, 0, 'unknown', '1970-01-01 00:00:00.000', '{}', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  await tx.$executeRaw(
    sql`INSERT INTO subscription (id, version, status, as_of, state, created_at, updated_at) VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE id = subscription.id`,
  )
}

function readRow({ version, asOf, state }: Row): KnownSubscription {
  return version === 0 ? null : { subscription: readState(state), asOf }
}

function readState(state: string): Subscription {
  return subscriptionSchema.parse(JSON.parse(state))
}

export async function saveSubscriptions(
  tx: Transaction,
  known: NonNullable<KnownSubscription>[],
): Promise<void> {
  if (known.length === 0) return
  const inOrder = known.toSorted((a, b) =>
    a.subscription.subscription_id < b.subscription.subscription_id ? -1 : 1,
  )
  await tx.$executeRaw(upsertSubscriptions(inOrder))
}

/** Confirms that they are unchanged as of then. */
export async function confirmSubscriptions(
  tx: Transaction,
  confirmed: { id: string; asOf: Date }[],
): Promise<void> {
  const [oldest] = confirmed.map(({ asOf }) => asOf).toSorted((a, b) => a.getTime() - b.getTime())
  if (oldest === undefined) return
  const ids = confirmed.map(({ id }) => id)
  await tx.$executeRaw(
    sql`UPDATE subscription SET as_of = ${oldest} WHERE id IN (${join(ids)}) AND as_of < ${oldest} AND version > 0`,
  )
}

/** As published, without a lock. */
export async function listSubscriptions(db: Tx, ids: string[]): Promise<Subscription[]> {
  const rows = await db.subscription.findMany({
    where: { version: { gt: 0 }, id: { in: ids } },
    select: { state: true },
  })
  return rows.map(({ state }) => readState(state))
}

/** As of when it is known here; to be read before Stripe is called, so that Stripe's response counts as the newer state. */
export async function readAsOf(db: Tx, id: string): Promise<Date> {
  const row = await db.subscription.findUnique({ where: { id }, select: { asOf: true } })
  return row?.asOf ?? new Date(0)
}
