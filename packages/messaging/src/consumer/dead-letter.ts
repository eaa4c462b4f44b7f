import { sql, type Transaction } from '@spawnpoint/database'

export type DeadLetter = {
  eventId: string
  consumer: string
  class: string
  message: string
  /** Where it differs from `message`. */
  firstError?: string | null
  subject: string
  envelope: string
}

/**
 * Records a message that no retry helps, in the transaction that marks it dead. A dead letter that exists already is reopened,
 * or left as it is when the same message was merely delivered once more.
 */
export async function recordDeadLetter(
  tx: Transaction,
  deadLetter: DeadLetter,
  { again = 'reopen' }: { again?: 'reopen' | 'leave' } = {},
): Promise<void> {
  const message = deadLetter.message.slice(0, 1000)
  const onceMore =
    again === 'leave'
      ? sql`event_id = dead_letter.event_id`
      : sql`class = ${deadLetter.class}, last_error = ${message}, resolved_at = NULL, resolved_by = NULL, note = NULL`
  await tx.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at)
    VALUES (${deadLetter.eventId}, ${deadLetter.consumer}, ${deadLetter.class}, ${(deadLetter.firstError ?? message).slice(0, 1000)},
      ${message}, ${ascii(deadLetter.subject)}, ${deadLetter.envelope}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE ${onceMore}`)
}

/** The id of a message that may come from anybody, with any header. */
export function deadLetterId(messageId: string | undefined, place: string): string {
  return messageId && /^[\x21-\x7e]{1,191}$/.test(messageId) ? messageId : place
}

function ascii(subject: string): string {
  return subject.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 191)
}
