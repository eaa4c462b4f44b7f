import type { AnyEvent, ServerState } from '@spawnpoint/contracts'
import { join, raw, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Tx } from './tx.ts'

type ServerEvent = Exclude<Extract<AnyEvent, { type: `server.${string}` }>, { type: 'server.drifted' }>

const restored = [
  'status',
  'ptero_server_id',
  'ptero_identifier',
  'address',
  'node_id',
  'panel_id',
  'moved_region',
  'error_class',
  'error_message',
  'built_state',
  'installed_at',
  'updated_at',
]

/**
 * After a backup was restored: servers as our own later events describe them. Their desired state follows from
 * the orders' stream; what only the panel knows is observed when the service runs again.
 */
export async function restoreServers(tx: Transaction, events: AnyEvent[]): Promise<void> {
  const ours = events.filter(isServer).toSorted((a, b) => a.sequence - b.sequence)
  const newest = new Map(ours.map((event) => [event.data.order_id, event]))
  if (newest.size === 0) return
  const rows = [...newest.values()].toSorted((a, b) => (a.data.order_id < b.data.order_id ? -1 : 1)).map(row)
  // Left to right: the version comes last, for all the others are compared with it.
  await tx.$executeRaw(
    sql`INSERT INTO server (order_id, desired, order_version, order_state, status, ptero_server_id, ptero_identifier,
          address, node_id, panel_id, moved_region, error_class, error_message, built_state, installed_at, version, created_at, updated_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE ${join([...restored, 'version'].map(ifNewer))}`,
  )
}

/**
 * The last step: a create that was sent since the backup is in doubt, what had failed waits for a person as before, and what the panels
 * showed is forgotten, for ports that were free then may be taken.
 * Returns how many servers belong to orders that the orders' stream does not contain.
 */
export async function settleServers(tx: Tx, mayLandMs: number): Promise<number> {
  await tx.$executeRaw(
    sql`UPDATE server SET generation = GREATEST(generation, 1),
          unknown_until = UTC_TIMESTAMP(3) + INTERVAL ${Math.round(mayLandMs) * 1_000} MICROSECOND
        WHERE desired <> 'none' AND status IN ('none', 'waiting', 'provisioning')`,
  )
  await tx.server.updateMany({
    where: { status: 'failed', desired: 'running' },
    data: { nextAttemptAt: null },
  })
  await tx.panelView.deleteMany()
  return await tx.server.count({ where: { orderVersion: 0 } })
}

function isServer(event: AnyEvent): event is ServerEvent {
  return event.type.startsWith('server.') && event.type !== 'server.drifted'
}

function row({ data, time }: ServerEvent): Sql {
  const publishedAt = new Date(time)
  return sql`(${data.order_id}, 'none', 0, '{}', ${data.status}, ${data.ptero_server_id}, ${data.ptero_identifier},
    ${data.address}, ${data.node_id}, ${data.panel ?? mainPanel}, ${data.region ?? null}, ${data.error_class},
    ${data.error_message?.slice(0, 1_000) ?? null},
    ${data.plan ? JSON.stringify({ plan: data.plan }) : null}, ${mayHaveFiles(data) ? publishedAt : null}, ${data.version},
    ${publishedAt}, ${publishedAt})`
}

// A failed or suspended server may have run before: its install is not restarted automatically.
function mayHaveFiles({ ptero_server_id, status }: ServerState): boolean {
  return ptero_server_id !== null && status !== 'provisioning'
}

function ifNewer(column: string): Sql {
  return raw(`${column} = IF(VALUES(version) > version, VALUES(${column}), ${column})`)
}

type Drifted = Extract<AnyEvent, { type: 'server.drifted' }>

const restoredDriftColumns = [
  'state',
  'order_id',
  'ptero_server_id',
  '`fields`',
  'finding',
  'panel_id',
  'version',
]

/** After a backup was restored: drifts as our own later events describe them. The next sweep adds what no event carries. */
export async function restoreDrifts(tx: Transaction, events: AnyEvent[]): Promise<void> {
  const ours = events.filter(isDrifted).toSorted((a, b) => a.sequence - b.sequence)
  const newest = [...new Map(ours.map((event) => [event.subject, event])).values()]
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
        ON DUPLICATE KEY UPDATE ${join(restoredDriftColumns.map(ifNewer))}`,
  )
}

function isDrifted(event: AnyEvent): event is Drifted {
  return event.type === 'server.drifted'
}
