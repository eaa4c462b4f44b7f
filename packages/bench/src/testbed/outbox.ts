import type { Envelope } from '@spawnpoint/contracts'
import { eventually } from '@spawnpoint/stack'
import type { Database } from './database.ts'

/** Puts the events into an outbox in one commit, so that the relay sees none before all; gives the database's time after it. */
export async function fillOutbox(database: Database, events: Envelope[]): Promise<Date> {
  await database.executeEach(
    `INSERT INTO outbox (event_id, \`key\`, subject, envelope, created_at, next_attempt_at)
     VALUES (?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
    events.map((event) => [event.id, event.subject, event.type, JSON.stringify(event)]),
  )
  return timeOf(database)
}

/** Waits until the outbox is empty; gives when its last row was marked, by the database's clock. */
export async function untilRelayed(database: Database): Promise<Date> {
  await eventually(async () => {
    const waiting = await database.query('SELECT seq FROM outbox WHERE published_at IS NULL LIMIT 1')
    if (waiting.length > 0) throw new Error('The relay does not come to the end of the outbox')
  }, patience)
  const [row] = await database.query<{ last: Date | null }>('SELECT MAX(published_at) AS last FROM outbox')
  if (!row?.last) throw new Error('Nothing was ever published')
  return row.last
}

const patience = { timeoutMs: 120_000, everyMs: 25 }

async function timeOf(database: Database): Promise<Date> {
  const [row] = await database.query<{ now: Date }>('SELECT UTC_TIMESTAMP(3) AS now')
  if (!row) throw new Error('The database does not know the time')
  return row.now
}
