import { randomUUID } from 'node:crypto'
import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Tables } from '../tables.ts'
import type { Finding } from './replay-decide.ts'
import { type ReplayRequest, replayRequestSchema } from './replay-request.ts'

type Counts = Partial<Record<Finding['outcome'] | 'unreadable', number>>

/** One replay: what was asked, how far it is, and what became of what it read. */
export type Replay = {
  id: string
  request: ReplayRequest
  state: 'running' | 'done' | 'aborted' | 'failed'
  nextSeq: number
  endSeq: number
  epoch: string
  /** How many events there were to read when it began, and how many were. */
  total: number
  read: number
  counts: Counts
  error: string | null
  createdAt: Date
  updatedAt: Date
}

/** Who runs it now; lost as soon as somebody aborts it, or another process takes it over. */
export type Run = { id: string; owner: string }

type Row = Omit<Replay, 'request' | 'counts' | 'nextSeq' | 'endSeq' | 'createdAt' | 'updatedAt'> & {
  request: string
  counts: string
  next_seq: bigint
  end_seq: bigint
  created_at: Date
  updated_at: Date
}

/** A run that nobody kept alive for so long was interrupted: it counts as aborted. */
const aliveSeconds = 15

const alive = sql`UTC_TIMESTAMP(3) + INTERVAL ${aliveSeconds} SECOND`
const columns = sql`id, request, IF(state = 'running' AND alive_until < UTC_TIMESTAMP(3), 'aborted', state) AS state,
  next_seq, end_seq, epoch, total, done AS \`read\`, counts, error, created_at, updated_at`

export async function createReplay(
  db: Transaction,
  { request, nextSeq, endSeq, epoch }: Pick<Replay, 'request' | 'nextSeq' | 'endSeq' | 'epoch'>,
): Promise<Run> {
  const run = { id: randomUUID(), owner: randomUUID() }
  await db.$executeRaw(sql`INSERT INTO replay
    (id, request, state, owner, alive_until, next_seq, end_seq, epoch, total, done, counts, created_at, updated_at)
    VALUES (${run.id}, ${JSON.stringify(request)}, 'running', ${run.owner}, ${alive}, ${nextSeq}, ${endSeq}, ${epoch},
      0, 0, '{}', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`)
  return run
}

/** Takes over a replay that was aborted or interrupted; null when it is neither. */
export async function claimReplay(db: Transaction, id: string): Promise<Run | null> {
  const owner = randomUUID()
  const claimed = await db.$executeRaw(sql`UPDATE replay
    SET state = 'running', owner = ${owner}, alive_until = ${alive}, error = NULL, updated_at = UTC_TIMESTAMP(3)
    WHERE id = ${id} AND (state = 'aborted' OR (state = 'running' AND alive_until < UTC_TIMESTAMP(3)))`)
  return claimed === 0 ? null : { id, owner }
}

/** False when the run is no longer ours: then it stops. */
export async function keepAlive(db: Transaction, { id, owner }: Run): Promise<boolean> {
  return (
    (await db.$executeRaw(sql`UPDATE replay SET alive_until = ${alive} WHERE ${isOurs({ id, owner })}`)) > 0
  )
}

export async function saveProgress(
  db: Transaction,
  { id, owner }: Run,
  { nextSeq, total, read, counts }: Pick<Replay, 'nextSeq' | 'total' | 'read' | 'counts'>,
): Promise<boolean> {
  const saved =
    await db.$executeRaw(sql`UPDATE replay SET next_seq = ${nextSeq}, total = ${total}, done = ${read},
    counts = ${JSON.stringify(counts)}, alive_until = ${alive}, updated_at = UTC_TIMESTAMP(3)
    WHERE ${isOurs({ id, owner })}`)
  return saved > 0
}

export async function endReplay(
  db: Tables,
  { id, owner }: Run,
  state: 'done' | 'aborted' | 'failed',
  error: string | null = null,
): Promise<void> {
  await db.replay.updateMany({
    where: { id, owner, state: 'running' },
    data: { state, owner: null, error: error?.slice(0, 1000) ?? null, updatedAt: new Date() },
  })
}

/** Who ran it until now; null when it did not run. */
export async function abortReplay(db: Tables, id: string): Promise<string | null> {
  const owner = (await db.replay.findFirst({ where: { id, state: 'running' } }))?.owner
  if (!owner) return null
  const { count } = await db.replay.updateMany({
    where: { id, owner, state: 'running' },
    data: { state: 'aborted', owner: null, updatedAt: new Date() },
  })
  return count > 0 ? owner : null
}

export async function keepFindings(db: Transaction, { id }: Run, findings: Finding[]): Promise<void> {
  if (findings.length === 0) return
  const rows = findings.map(
    ({ seq, event_id, type, order_id, outcome, reason, effect }) =>
      sql`(${id}, ${seq}, ${event_id}, ${type}, ${order_id}, ${outcome}, ${reason?.slice(0, 1000) ?? null},
        ${effect && JSON.stringify(effect)})`,
  )
  await db.$executeRaw(sql`INSERT INTO replay_finding (replay_id, seq, event_id, type, order_id, outcome, reason, effect)
    VALUES ${join(rows)} ON DUPLICATE KEY UPDATE outcome = VALUES(outcome), reason = VALUES(reason), effect = VALUES(effect)`)
}

export async function readReplay(db: Transaction, id: string): Promise<Replay | null> {
  const [row] = await db.$queryRaw<Row[]>(sql`SELECT ${columns} FROM replay WHERE id = ${id}`)
  return row ? fromRow(row) : null
}

export async function listReplays(db: Transaction, limit: number): Promise<Replay[]> {
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT ${columns} FROM replay ORDER BY created_at DESC, id DESC LIMIT ${limit}`,
  )
  return rows.map(fromRow)
}

export async function listFindings(
  db: Tables,
  { id, after, limit }: { id: string; after: number; limit: number },
): Promise<Finding[]> {
  const rows = await db.replayFinding.findMany({
    where: { replayId: id, seq: { gt: after } },
    orderBy: { seq: 'asc' },
    take: limit,
  })
  return rows.map(({ seq, eventId, type, orderId, outcome, reason, effect }) => ({
    seq: Number(seq),
    event_id: eventId,
    type,
    order_id: orderId,
    outcome: outcome as Finding['outcome'],
    reason,
    effect: effect === null ? null : (JSON.parse(effect) as Finding['effect']),
  }))
}

function isOurs({ id, owner }: Run) {
  return sql`id = ${id} AND owner = ${owner} AND state = 'running'`
}

function fromRow({ request, counts, next_seq, end_seq, created_at, updated_at, ...row }: Row): Replay {
  return {
    ...row,
    request: replayRequestSchema.parse(JSON.parse(request)),
    counts: JSON.parse(counts) as Counts,
    nextSeq: Number(next_seq),
    endSeq: Number(end_seq),
    createdAt: created_at,
    updatedAt: updated_at,
  }
}
