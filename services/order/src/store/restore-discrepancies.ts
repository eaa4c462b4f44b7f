import type { AnyEvent } from '@spawnpoint/contracts'
import { join, raw, sql, type Transaction } from '@spawnpoint/database'

type Differed = Extract<AnyEvent, { type: 'order.differed' }>

const restored = ['state', 'order_id', 'payment_id', 'finding', '`repair`', 'confirmation', 'version']

/** After a backup was restored: discrepancies as our own events since report them. */
export async function restoreDiscrepancies(tx: Transaction, events: AnyEvent[]): Promise<void> {
  const published = events.filter(isDiffered).toSorted((a, b) => a.sequence - b.sequence)
  const newest = [...new Map(published.map((event) => [event.subject, event])).values()]
  if (newest.length === 0) return
  const rows = newest
    .toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
    .map(
      ({ data, time }) =>
        sql`(${data.difference_id}, ${data.version}, ${data.kind}, ${data.state}, ${data.order_id}, ${data.payment_id},
          ${data.finding}, ${data.repair}, ${data.confirmation}, ${new Date(time)}, ${new Date(time)})`,
    )
  // Left to right: the version comes last, for all the others are compared with it.
  await tx.$executeRaw(
    sql`INSERT INTO difference
          (id, version, kind, state, order_id, payment_id, finding, \`repair\`, confirmation, found_at, seen_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE ${join(
          restored.map((column) =>
            raw(`${column} = IF(VALUES(version) > version, VALUES(${column}), ${column})`),
          ),
        )}`,
  )
}

function isDiffered(event: AnyEvent): event is Differed {
  return event.type === 'order.differed'
}
