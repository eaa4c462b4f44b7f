import { empty, inTransaction, type Sql, sql } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import { failpoint } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { type Server, serverState } from '../rules/server.ts'
import { type ServerEventName, statusAfter } from '../rules/server-events.ts'
import type { Transition } from '../rules/transitions.ts'
import { inMs } from './clock.ts'
import { removeGenerated } from './generated-values.ts'
import { leaseHolds, releaseLease } from './leases.ts'
import { removeReservation } from './reservations.ts'

/** Writes a transition with its event, unless the order or the lease has changed meanwhile: then null, and nothing is written. */
export async function recordServer(
  { prisma, timeScale }: { prisma: PrismaClient; timeScale: number },
  server: Server,
  { set, publish, due }: Transition,
): Promise<Server | null> {
  const whole: Server = {
    ...server,
    ...set,
    ...(publish
      ? { status: statusAfter(publish, set.status ?? server.status), version: server.version + 1 }
      : {}),
  }
  // The longest message that our table and the consumers of the event store.
  const next = { ...whole, error_message: whole.error_message?.slice(0, 1_000) ?? null }
  failpoint('reconcile.before-record')
  const saved = await inTransaction(prisma, async (tx) => {
    const written = await tx.$executeRaw(
      sql`UPDATE server SET ${columns(next)}, ${lastAppliedColumn(server, next)} ${schedule(due, timeScale)},
            updated_at = UTC_TIMESTAMP(3)
          WHERE ${leaseHolds(server)}`,
    )
    if (written === 0) return false
    if (next.ptero_server_id !== null)
      await tx.$executeRaw(
        sql`UPDATE allocation_claim SET on_panel_at = UTC_TIMESTAMP(3)
            WHERE order_id = ${next.order_id} AND on_panel_at IS NULL`,
      )
    // Nothing will be created for it, and no call is in doubt: its reservation is released.
    else if (publish === 'failed' || publish === 'terminated') await removeReservation(tx, next.order_id)
    if (publish === 'terminated') await removeGenerated(tx, next.order_id)
    if (publish) await appendOutbox(tx, [serverEvent(next, publish)])
    return true
  })
  failpoint('reconcile.after-record')
  if (saved) return next
  await releaseLease(prisma, server)
  return null
}

function columns(next: Server): Sql {
  return sql`status = ${next.status}, version = ${next.version}, generation = ${next.generation},
    attempts = ${next.attempts}, unknown_until = ${next.unknown_until},
    installing_since = ${next.installing_since}, installed_at = ${next.installed_at},
    reinstalls = ${next.reinstalls}, reinstall_egg = ${next.reinstall_egg},
    reinstall_sent_of = ${next.reinstall_sent_of}, suspend_sent_at = ${next.suspend_sent_at},
    ptero_server_id = ${next.ptero_server_id}, ptero_identifier = ${next.ptero_identifier},
    ptero_uuid = ${next.ptero_uuid}, ptero_user_id = ${next.ptero_user_id}, address = ${next.address},
    panel_id = ${next.panel_id}, node_id = ${next.node_id}, allocation_id = ${next.allocation_id},
    moved_region = ${next.moved_region}, error_class = ${next.error_class}, error_message = ${next.error_message}`
}

// As long as an order, and hardly ever another one.
function lastAppliedColumn(server: Server, next: Server): Sql {
  return next.built_state === server.built_state ? empty : sql`built_state = ${next.built_state},`
}

function schedule(due: Transition['due'], timeScale: number): Sql {
  if (due === 'keep') return sql`next_attempt_at = next_attempt_at`
  const next = typeof due === 'number' ? inMs(due * timeScale) : sql`${due}`
  return sql`next_attempt_at = ${next}, lease_token = NULL, lease_until = NULL`
}

function serverEvent(next: Server, name: ServerEventName) {
  const status = statusAfter(name, next.status)
  return newEvent({
    source: 'provisioner',
    cause: `${next.order_id}/${next.version}`,
    type: `server.${name === 'moved' ? status : name}`,
    subject: next.order_id,
    version: next.version,
    data: serverState(next, status),
    time: new Date(),
  })
}
