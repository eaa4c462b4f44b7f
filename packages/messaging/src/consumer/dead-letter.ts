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
 * Where a message goes that no retry helps; in the transaction that marks it dead. A letter that is there already is opened
 * again, or left as it is when the same message merely came once more.
 */
export async function bury(
  tx: Transaction,
  letter: DeadLetter,
  { again = 'reopen' }: { again?: 'reopen' | 'leave' } = {},
): Promise<void> {
  const message = letter.message.slice(0, 1000)
  const onceMore =
    again === 'leave'
      ? sql`event_id = dead_letter.event_id`
      : sql`class = ${letter.class}, last_error = ${message}, resolved_at = NULL, resolved_by = NULL, note = NULL`
  await tx.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at)
    VALUES (${letter.eventId}, ${letter.consumer}, ${letter.class}, ${(letter.firstError ?? message).slice(0, 1000)},
      ${message}, ${ascii(letter.subject)}, ${letter.envelope}, UTC_TIMESTAMP(3))
    ON DUPLICATE KEY UPDATE ${onceMore}`)
}

/** The id under which a message is kept that may come from anybody, with any header. */
export function letterId(messageId: string | undefined, place: string): string {
  return messageId && /^[\x21-\x7e]{1,191}$/.test(messageId) ? messageId : place
}

function ascii(subject: string): string {
  return subject.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 191)
}
