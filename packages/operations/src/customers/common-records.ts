import { sql } from '@spawnpoint/database'
import { eraseFromJson, eraseFromText, eraseOwnField, type Persons } from './erase-personal.ts'
import { type Database, eraseRows, isAmong, type PersonalRows } from './erase-rows.ts'
import type { Subject } from './subject.ts'

/** What every service has, of the subjects `keys`: ids of orders, payments and subscriptions. */
type Wanted = { orderIds: string[]; keys: string[] }

/** Erases the customer from the outbox, the audit log, the dead letters and the events that are parked. */
export async function eraseCommon(
  prisma: Database,
  { orderIds, keys }: Wanted,
  { persons, dryRun }: { persons: Persons; dryRun: boolean },
): Promise<Record<string, number>> {
  const json = (value: string) => eraseFromJson(value, persons, eraseOwnField)
  const text = (value: string) => eraseFromText(value, persons)
  const letters = await mentioning(prisma, 'dead_letter', keys)
  const parked = await mentioning(prisma, 'parked_event', keys)
  const tables: PersonalRows[] = [
    { table: 'outbox', id: 'seq', where: isAmong('`key`', keys), columns: { envelope: json } },
    {
      table: 'audit',
      id: 'seq',
      where: isAmong('subject', orderIds),
      columns: { state_before: json, state_after: json },
    },
    {
      table: 'dead_letter',
      id: 'event_id',
      where: isAmong('event_id', letters),
      columns: { envelope: json, first_error: text, last_error: text, note: text },
    },
    {
      table: 'parked_event',
      id: 'event_id',
      where: isAmong('event_id', parked),
      columns: { envelope: json },
    },
  ]
  return await eraseTables(prisma, tables, dryRun)
}

/** By table, how many rows change. */
export async function eraseTables(
  prisma: Database,
  tables: PersonalRows[],
  dryRun: boolean,
): Promise<Record<string, number>> {
  const erased: Record<string, number> = {}
  for (const rows of tables) erased[rows.table] = await eraseRows(prisma, rows, { dryRun })
  return erased
}

/** The same records, to be handed out. */
export async function readCommon(
  db: Database,
  { orderIds, keys }: Wanted,
): Promise<Record<string, unknown[]>> {
  const letters = await mentioning(db, 'dead_letter', keys)
  const [outbox, audit, dead] = await Promise.all([
    db.$queryRaw<{ envelope: string }[]>(
      sql`SELECT envelope FROM outbox WHERE ${isAmong('`key`', keys)} ORDER BY seq`,
    ),
    db.$queryRaw<(object & { state_before: string | null; state_after: string | null })[]>(
      sql`SELECT at, api_key, address, method, path, status, code, subject, state_before, state_after FROM audit
          WHERE ${isAmong('subject', orderIds)} ORDER BY seq`,
    ),
    db.$queryRaw<object[]>(
      sql`SELECT class, subject, envelope, created_at, resolved_at, note FROM dead_letter
          WHERE ${isAmong('event_id', letters)} ORDER BY created_at`,
    ),
  ])
  return {
    events: outbox.map(({ envelope }) => JSON.parse(envelope) as unknown),
    audit: audit.map(({ state_before, state_after, ...entry }) => ({
      ...entry,
      before: parsed(state_before),
      after: parsed(state_after),
    })),
    dead_letters: dead,
  }
}

export function keysOf({ order_ids, payment_ids, subscription_ids }: Subject): string[] {
  return [...new Set([...order_ids, ...payment_ids, ...subscription_ids])]
}

const pageSize = 500

/** The ids of the rows whose envelope names one of these. No column says whom an envelope is about. */
async function mentioning(
  db: Database,
  table: 'dead_letter' | 'parked_event',
  keys: string[],
): Promise<string[]> {
  const from = table === 'dead_letter' ? sql`dead_letter` : sql`parked_event`
  const found: string[] = []
  for (let after = '', more = true; more; ) {
    const page: { event_id: string; envelope: string }[] = await db.$queryRaw(
      sql`SELECT event_id, envelope FROM ${from} WHERE event_id > ${after} ORDER BY event_id LIMIT ${pageSize}`,
    )
    found.push(
      ...page.flatMap(({ event_id, envelope }) =>
        keys.some((key) => envelope.includes(key)) ? [event_id] : [],
      ),
    )
    after = page.at(-1)?.event_id ?? after
    more = page.length === pageSize
  }
  return found
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json)
}
