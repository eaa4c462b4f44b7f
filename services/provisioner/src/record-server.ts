import { empty, inTransaction, type Sql, sql } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import { failpoint } from '@spawnpoint/service-kit'
import type { Change } from './changes.ts'
import type { PrismaClient } from './generated/client.ts'
import { inMs, isStillOurs, releaseLease } from './lease.ts'
import { type News, statusAfter } from './news.ts'
import { type Server, serverState } from './server.ts'

/** Writes what was found out, with its event, unless the order or the lease has changed meanwhile: then null, and nothing is written. */
export async function recordServer(
  { prisma, timeScale }: { prisma: PrismaClient; timeScale: number },
  server: Server,
  { set, tell, due }: Change,
): Promise<Server | null> {
  const whole: Server = {
    ...server,
    ...set,
    ...(tell ? { status: statusAfter(tell, set.status ?? server.status), version: server.version + 1 } : {}),
  }
  // As long as it may be for whoever writes it down, we and those who hear of it.
  const next = { ...whole, error_message: whole.error_message?.slice(0, 1_000) ?? null }
  failpoint('reconcile.before-record')
  const saved = await inTransaction(prisma, async (tx) => {
    const written = await tx.$executeRaw(
      sql`UPDATE server SET ${columns(next)}, ${builtState(server, next)} ${schedule(due, timeScale)},
            updated_at = UTC_TIMESTAMP(3)
          WHERE ${isStillOurs(server)}`,
    )
    if (written === 0) return false
    if (next.ptero_server_id !== null)
      await tx.$executeRaw(
        sql`UPDATE allocation_claim SET on_panel_at = UTC_TIMESTAMP(3)
            WHERE order_id = ${next.order_id} AND on_panel_at IS NULL`,
      )
    // Nothing will be made of it, and nothing of it can still land: its room is for others.
    else if (tell === 'failed' || tell === 'terminated')
      await tx.$executeRaw(sql`DELETE FROM allocation_claim WHERE order_id = ${next.order_id}`)
    if (tell) await appendOutbox(tx, [serverEvent(next, tell)])
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
    reinstalls = ${next.reinstalls}, suspend_sent_at = ${next.suspend_sent_at},
    ptero_server_id = ${next.ptero_server_id}, ptero_identifier = ${next.ptero_identifier},
    ptero_uuid = ${next.ptero_uuid}, ptero_user_id = ${next.ptero_user_id}, address = ${next.address},
    panel_id = ${next.panel_id}, node_id = ${next.node_id}, allocation_id = ${next.allocation_id}, error_class = ${next.error_class},
    error_message = ${next.error_message}`
}

// As long as an order, and hardly ever another one.
function builtState(server: Server, next: Server): Sql {
  return next.built_state === server.built_state ? empty : sql`built_state = ${next.built_state},`
}

function schedule(due: Change['due'], timeScale: number): Sql {
  if (due === 'keep') return sql`next_attempt_at = next_attempt_at`
  const next = typeof due === 'number' ? inMs(due * timeScale) : sql`${due}`
  return sql`next_attempt_at = ${next}, lease_token = NULL, lease_until = NULL`
}

function serverEvent(next: Server, news: News) {
  return newEvent({
    source: 'provisioner',
    cause: `${next.order_id}/${next.version}`,
    type: `server.${news}`,
    subject: next.order_id,
    version: next.version,
    data: serverState(next, statusAfter(news, next.status)),
    time: new Date(),
  })
}
