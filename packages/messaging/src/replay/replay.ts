import { sql, type Transaction } from '@spawnpoint/database'
import { ensureStream, epochOf } from '../connection/streams.ts'
import type { ReplayRequest } from './replay-request.ts'
import { type ReplayOptions, runReplay } from './replay-run.ts'
import { abortReplay, claimReplay, createReplay, type Run } from './replay-runs.ts'

export type Replays = {
  /** The new replay's id; null when this service neither hears nor fills the stream. */
  start(request: ReplayRequest): Promise<string | null>
  /** False when there is nothing to abort, or to go on with. */
  abort(id: string): Promise<boolean>
  resume(id: string): Promise<boolean>
  /** What runs in this process is aborted, and can be resumed by any other. */
  stop(): Promise<void>
}

/**
 * Reads a stream again, beside the durable that heard it, through the same decisions. Each run is a row: it outlives the process,
 * is aborted from anywhere, and goes on from the sequence it had reached.
 */
export function openReplays<Tx extends Transaction>(options: ReplayOptions<Tx>): Replays {
  const { prisma, log } = options
  const stopping = new AbortController()
  const running = new Map<string, { abort(): void; ending: Promise<void> }>()

  function begin(run: Run) {
    const aborting = new AbortController()
    const ending = runReplay(options, run, AbortSignal.any([stopping.signal, aborting.signal]))
      .catch((error) => log.error({ err: error, replayId: run.id }, 'A replay was interrupted'))
      .finally(() => running.delete(run.owner))
    running.set(run.owner, { abort: () => aborting.abort(), ending })
  }

  return {
    async start(request) {
      const range = await rangeOf(options, request)
      if (!range) return null
      const run = await createReplay(prisma, { request, ...range })
      log.info({ replayId: run.id, ...request }, 'A replay begins')
      begin(run)
      return run.id
    },
    async abort(id) {
      const owner = await abortReplay(prisma, id)
      // In another process it is seen before the next list.
      if (owner !== null) running.get(owner)?.abort()
      return owner !== null
    },
    async resume(id) {
      const run = await claimReplay(prisma, id)
      if (run) begin(run)
      return run !== null
    },
    async stop() {
      stopping.abort()
      await Promise.all([...running.values()].map(({ ending }) => ending))
    },
  }
}

// It ends where the stream ends now: what is said meanwhile is the durable's.
async function rangeOf<Tx>(
  { prisma, nats, ownStream, consumers }: ReplayOptions<Tx>,
  { stream, from_seq = 1, to_seq = Number.MAX_SAFE_INTEGER }: ReplayRequest,
): Promise<{ nextSeq: number; endSeq: number; epoch: string } | null> {
  if (stream === ownStream) {
    const [row] = await prisma.$queryRaw<{ seq: bigint | null }[]>(sql`SELECT MAX(seq) AS seq FROM outbox`)
    return { nextSeq: 1, endSeq: Number(row?.seq ?? 0), epoch: '' }
  }
  if (!consumers.some((consumer) => consumer.stream === stream)) return null
  const info = await ensureStream(nats, stream)
  const { first_seq, last_seq } = info.state
  return { nextSeq: Math.max(from_seq, first_seq), endSeq: Math.min(to_seq, last_seq), epoch: epochOf(info) }
}
