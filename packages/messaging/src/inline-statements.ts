/**
 * The statements of a whole batch, with their values as literals instead of parameters. CPU of the process for a batch of 256,
 * literals against parameters (two cores, MariaDB 10.11): marks of published rows 0.5 against 1.1 ms, marks of consumed events
 * 1.3 against 2.6 ms, outbox rows of 1.4 KB 2.6 against 5.1 ms. Nothing else here gains as much.
 */
import type { AnyEvent } from '@spawnpoint/contracts'
import type { Sql } from '@spawnpoint/database'
import { inlineJoin, inlineSql } from '@spawnpoint/database/inline-sql'

export type OutboxRow = { id: string; subject: string; type: string; json: string }

export function insertOutbox(rows: OutboxRow[]): Sql {
  const values = rows.map(
    ({ id, subject, type, json }) =>
      inlineSql`(${id}, ${subject}, ${type}, ${json}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  return inlineSql`INSERT INTO outbox (event_id, \`key\`, subject, envelope, created_at, next_attempt_at)
    VALUES ${inlineJoin(values)} ON DUPLICATE KEY UPDATE event_id = outbox.event_id`
}

export type PublishedRow = { seq: bigint; streamSeq: number }

export function markPublished(rows: PublishedRow[], epoch: string): Sql {
  const sequences = rows.map(({ seq, streamSeq }) => inlineSql`WHEN ${seq} THEN ${streamSeq}`)
  return inlineSql`UPDATE outbox SET published_at = UTC_TIMESTAMP(3), stream_epoch = ${epoch}, room = '',
    stream_seq = CASE seq ${inlineJoin(sequences, ' ')} END
    WHERE seq IN (${inlineJoin(rows.map(({ seq }) => seq))}) AND published_at IS NULL`
}

export function markConsumed(
  events: Pick<AnyEvent, 'id' | 'type'>[],
  { consumer, batchId }: { consumer: string; batchId: string },
): Sql {
  const rows = events.map(
    ({ id, type }) => inlineSql`(${id}, ${consumer}, ${batchId}, ${type}, UTC_TIMESTAMP(3), 'done')`,
  )
  // A row whose event is delivered again is kept for longer: what was republished stays in the stream for longer, too. Left to
  // right: whether it was decided before is asked until it is.
  return inlineSql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
    VALUES ${inlineJoin(rows)}
    ON DUPLICATE KEY UPDATE
      received_at = GREATEST(UTC_TIMESTAMP(3), received_at + INTERVAL 1000 MICROSECOND),
      batch_id = IF(outcome IS NULL, ${batchId}, batch_id), reason = IF(outcome IS NULL, NULL, reason),
      outcome = COALESCE(outcome, 'done')`
}
