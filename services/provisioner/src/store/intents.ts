import { empty, type Sql, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import type { Intent, Server } from '../rules/server.ts'
import { inMs } from './clock.ts'
import { leaseHolds } from './leases.ts'

export type ReinstallMark = Pick<Server, 'reinstall_egg' | 'reinstall_sent_of'>

/**
 * Commits the intent before the call is sent: after a crash the row shows which call may still be
 * carried out. Null when the order changed or the lease was lost: then nothing may be sent.
 */
export async function recordIntent(
  prisma: PrismaClient,
  server: Server,
  {
    intent,
    leaseMs,
    doubtMs,
    sawInstalled = false,
    reinstall,
    built_state,
  }: {
    intent: Intent
    leaseMs: number
    /** For how long the call may still be carried out if it is never answered. */
    doubtMs: number
    sawInstalled?: boolean
    /** What the call changes in the reinstall for another egg. */
    reinstall?: ReinstallMark | undefined
    /** What is known to be applied once the call was sent, where that changes. */
    built_state?: string | null | undefined
  },
): Promise<Server | null> {
  const written = await prisma.$executeRaw(
    sql`UPDATE server SET intent = ${intent}, intent_at = UTC_TIMESTAMP(3), unknown_until = ${inMs(doubtMs)},
          lease_until = ${inMs(leaseMs)}, panel_id = ${server.panel_id}, ${marks[intent]}
          ${reinstall ? sql`, reinstall_egg = ${reinstall.reinstall_egg}, reinstall_sent_of = ${reinstall.reinstall_sent_of}` : empty}
          ${built_state === undefined ? empty : sql`, built_state = ${built_state}`}
          ${sawInstalled ? sql`, installed_at = COALESCE(installed_at, UTC_TIMESTAMP(3))` : empty}
        WHERE ${leaseHolds(server)}`,
  )
  if (written === 0) return null
  const [intended] = await prisma.$queryRaw<Server[]>(sql`SELECT * FROM server WHERE ${leaseHolds(server)}`)
  return intended ?? null
}

const unmarked = sql`attempts = attempts`

/** Written whatever the result of the call. */
const marks: Record<Intent, Sql> = {
  create: sql`generation = generation + 1, ptero_server_id = NULL, ptero_identifier = NULL,
    ptero_uuid = NULL, address = NULL, installing_since = NULL, installed_at = NULL, reinstalls = 0,
    reinstall_egg = NULL, reinstall_sent_of = NULL, suspend_sent_at = NULL`,
  suspend: sql`suspend_sent_at = COALESCE(suspend_sent_at, UTC_TIMESTAMP(3))`,
  unsuspend: unmarked,
  reinstall: unmarked,
  resize: unmarked,
  rename: unmarked,
  delete: sql`delete_sent_at = COALESCE(delete_sent_at, UTC_TIMESTAMP(3))`,
}
