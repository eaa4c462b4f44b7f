import type { AnyEvent } from '@spawnpoint/contracts'
import { join, raw, sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'

type Drifted = Extract<AnyEvent, { type: 'server.drifted' }>

const restored = ['state', 'order_id', 'ptero_server_id', '`fields`', 'finding', 'panel_id', 'version']

/** After a backup was restored: drifts as our own events since say they were. The next sweep fills in what no event carries. */
export async function restoreDrifts(tx: Transaction, events: AnyEvent[]): Promise<void> {
  const said = events.filter(isDrifted).toSorted((a, b) => a.sequence - b.sequence)
  const newest = [...new Map(said.map((event) => [event.subject, event])).values()]
  if (newest.length === 0) return
  const rows = newest
    .toSorted((a, b) => (a.subject < b.subject ? -1 : 1))
    .map(
      ({ data, time }) =>
        sql`(${data.drift_id}, ${data.version}, ${data.kind}, ${data.state}, ${data.order_id}, ${data.ptero_server_id}, '',
          ${data.finding}, ${data.panel ?? mainPanel}, ${new Date(time)}, ${new Date(time)})`,
    )
  // Left to right: the version comes last, for all the others are compared with it.
  await tx.$executeRaw(
    sql`INSERT INTO drift
          (id, version, kind, state, order_id, ptero_server_id, \`fields\`, finding, panel_id, found_at, seen_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE ${join(
          restored.map((column) =>
            raw(`${column} = IF(VALUES(version) > version, VALUES(${column}), ${column})`),
          ),
        )}`,
  )
}

function isDrifted(event: AnyEvent): event is Drifted {
  return event.type === 'server.drifted'
}
