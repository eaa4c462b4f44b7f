import { setTimeout as delay } from 'node:timers/promises'
import { durables, type StreamName, streamOwners } from '@spawnpoint/contracts'
import { inTransaction, join, sql, type Transaction, type TransactionClient } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { Nats } from '../connection/connect.ts'
import { findStream, maxAgeMs, maxAgeOf } from '../connection/streams.ts'
import { type Lease, openLease } from './lease.ts'
import { type Loop, startLoop } from './loop.ts'

type Database = Transaction & TransactionClient<Transaction>
type Options = {
  prisma: Database
  nats: Nats
  stream: StreamName
  /** How long the audit log is kept; for ever when 0 or left out. */
  auditRetentionDays?: number
  timeScale?: number
  log: Logger
}
type Removed = { outbox: number; inbox: number; dead_letters: number; replays: number; audit: number }

const dayMs = 24 * 60 * 60 * 1000
const marginMs = dayMs
const keepDeadLettersMs = 90 * dayMs
const batchSize = 500

/**
 * Removes what no stream can deliver again: published outbox rows and decided inbox rows older than any stream keeps its
 * messages, and dead letters, replays and audit entries of long ago. By primary key, a few at a time, under READ COMMITTED: no writer waits.
 */
export function startHousekeeping({
  prisma,
  nats,
  stream,
  auditRetentionDays = 0,
  timeScale = 1,
  log,
}: Options): Loop & {
  tick(): Promise<number>
  /** Since the start of this process. */
  removed(): Removed
} {
  const lease = openLease(prisma, 'housekeeping', { timeScale })
  const removed: Removed = { outbox: 0, inbox: 0, dead_letters: 0, replays: 0, audit: 0 }
  const stopping = new AbortController()

  async function tick(): Promise<number> {
    const before = total(removed)
    const remove = (batch: (tx: Transaction) => Promise<number>) =>
      inBatches(() => inTransaction(prisma, batch), lease, stopping.signal)
    removed.dead_letters += await remove(removeDeadLetters)
    removed.replays += await remove(removeReplays)
    if (auditRetentionDays > 0)
      removed.audit += await remove((tx) => removeAudit(tx, auditRetentionDays * dayMs))
    const keepMs = nats.isConnected() ? await longestMaxAgeMs(nats, stream) : 'for ever'
    if (keepMs !== 'for ever') {
      removed.outbox += await remove((tx) => removeOutbox(tx, keepMs + marginMs))
      removed.inbox += await remove((tx) => removeInbox(tx, keepMs + marginMs))
    }
    const now = total(removed) - before
    if (now > 0) log.info({ removed: now }, 'Removed old rows')
    return now
  }

  const loop = startLoop({
    tick: async () => {
      await tick()
      return 0
    },
    idleMs: Math.max(60_000, 3_600_000 * timeScale),
    onError: (error) => log.warn({ err: error }, 'Old rows could not be removed; retrying later'),
  })
  nats.onConnected(loop.wake)
  return {
    tick,
    removed: () => ({ ...removed }),
    wake: loop.wake,
    stop: async () => {
      stopping.abort()
      await loop.stop()
      await lease.release().catch(() => {})
    },
  }
}

/**
 * How long any stream that the owner of this one fills or consumes keeps a message; what is kept for less than that could be
 * consumed again as if for the first time.
 */
async function longestMaxAgeMs(nats: Nats, own: StreamName): Promise<number | 'for ever'> {
  const consumed = durables.filter(({ service }) => service === streamOwners[own])
  const ages = [maxAgeMs]
  for (const name of new Set([own, ...consumed.map(({ stream }) => stream)])) {
    const info = await findStream(nats, name)
    if (info) ages.push(maxAgeOf(info))
  }
  return ages.includes(0) ? 'for ever' : Math.max(...ages)
}

async function inBatches(batch: () => Promise<number>, lease: Lease, stopping: AbortSignal): Promise<number> {
  let removed = 0
  while (!stopping.aborted && (await lease.hold())) {
    const count = await batch()
    removed += count
    if (count === 0) break
    await delay(50, undefined, { signal: stopping }).catch(() => {})
  }
  return removed
}

async function removeOutbox(db: Transaction, keepMs: number): Promise<number> {
  const old = sql`published_at < ${ago(keepMs)}`
  const rows = await db.$queryRaw<{ seq: bigint }[]>(
    sql`SELECT seq FROM outbox WHERE ${old} ORDER BY published_at LIMIT ${batchSize}`,
  )
  if (rows.length === 0) return 0
  // The condition once more: stream repair may just now have reset a row to publish it again.
  return await db.$executeRaw(
    sql`DELETE FROM outbox WHERE seq IN (${join(rows.map(({ seq }) => seq))}) AND ${old}`,
  )
}

async function removeInbox(db: Transaction, keepMs: number): Promise<number> {
  const old = sql`received_at < ${ago(keepMs)} AND outcome IN ('done', 'ignored', 'dead')`
  const rows = await db.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM inbox WHERE ${old} ORDER BY received_at LIMIT ${batchSize}`,
  )
  if (rows.length === 0) return 0
  const ids = join(rows.map(({ event_id }) => event_id))
  return await db.$executeRaw(sql`DELETE FROM inbox WHERE event_id IN (${ids}) AND ${old}`)
}

async function removeDeadLetters(db: Transaction): Promise<number> {
  const old = sql`resolved_at < ${ago(keepDeadLettersMs)}`
  const rows = await db.$queryRaw<{ event_id: string }[]>(
    sql`SELECT event_id FROM dead_letter WHERE ${old} LIMIT ${batchSize}`,
  )
  if (rows.length === 0) return 0
  const ids = join(rows.map(({ event_id }) => event_id))
  return await db.$executeRaw(sql`DELETE FROM dead_letter WHERE event_id IN (${ids}) AND ${old}`)
}

// What a replay found first, then the replay itself.
async function removeReplays(db: Transaction): Promise<number> {
  const [old] = await db.$queryRaw<{ id: string }[]>(sql`SELECT id FROM replay
    WHERE created_at < ${ago(keepDeadLettersMs)} AND alive_until < UTC_TIMESTAMP(3) LIMIT 1`)
  if (!old) return 0
  const findings = await db.$executeRaw(
    sql`DELETE FROM replay_finding WHERE replay_id = ${old.id} LIMIT ${batchSize}`,
  )
  return findings > 0 ? findings : await db.$executeRaw(sql`DELETE FROM replay WHERE id = ${old.id}`)
}

async function removeAudit(db: Transaction, keepMs: number): Promise<number> {
  const rows = await db.$queryRaw<{ seq: bigint }[]>(
    sql`SELECT seq FROM audit WHERE at < ${ago(keepMs)} ORDER BY at LIMIT ${batchSize}`,
  )
  if (rows.length === 0) return 0
  return await db.$executeRaw(sql`DELETE FROM audit WHERE seq IN (${join(rows.map(({ seq }) => seq))})`)
}

function ago(ms: number) {
  return sql`UTC_TIMESTAMP(3) - INTERVAL ${Math.round(ms / 1_000)} SECOND`
}

function total(removed: Removed): number {
  return Object.values(removed).reduce((sum, count) => sum + count, 0)
}
