import { sql, type Transaction } from '@spawnpoint/database'

export type DeadLetter = {
  eventId: string
  consumer: string
  class: string
  message: string
  subject: string
  envelope: string
}

/** Where a message goes that no retry helps; in the transaction that marks it dead. */
export async function bury(tx: Transaction, letter: DeadLetter): Promise<void> {
  const message = letter.message.slice(0, 1000)
  await tx.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at)
    VALUES (${letter.eventId}, ${letter.consumer}, ${letter.class}, ${message}, ${message}, ${letter.subject},
      ${letter.envelope}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE last_error = ${message}, resolved_at = NULL`)
}
