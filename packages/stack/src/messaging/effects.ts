import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Decide, Outcome } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'

export const log = createLogger({ service: 'test', level: process.env.TEST_LOG ?? 'silent' })

/** Writes an effect for each event. */
export const done: Decide<Transaction> = async (tx, events) => {
  await tx.$executeRaw(
    sql`INSERT INTO effect (subject) VALUES ${join(events.map(({ subject }) => sql`(${subject})`))}`,
  )
  return new Map(events.map(({ id }) => [id, { outcome: 'done' } satisfies Outcome]))
}
