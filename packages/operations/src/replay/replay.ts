import { epochOf, findStream } from '@spawnpoint/messaging'
import type { Tables } from '../tables.ts'
import type { ReplayRequest } from './replay-request.ts'
import { type ReplayOptions, runReplay } from './replay-run.ts'
import { abortReplay, claimReplay, createReplay, type Run } from './replay-runs.ts'

export type Replays = {
  /** The new replay's id; null when this service neither consumes nor fills the stream. */
  start(request: ReplayRequest): Promise<string | null>
  /** False when there is nothing to abort, or to resume. */
  abort(id: string): Promise<boolean>
  resume(id: string): Promise<boolean>
  /** Aborts what runs in this process; any other can resume it. */
  stop(): Promise<void>
}

/**
 * Reads a stream again, beside the durable that consumed it, through the same decisions. Each run is a row: it outlives the
 * process, is aborted from anywhere, and resumes at the sequence it had reached.
 */
export function openReplays<Tx extends Tables>(options: ReplayOptions<Tx>): Replays {
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
      log.info({ replayId: run.id, ...request }, 'A replay started')
      begin(run)
      return run.id
    },
    async abort(id) {
      const owner = await abortReplay(prisma, id)
      // Another process notices before its next batch.
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

// It ends where the stream ends now: what is published meanwhile is the durable's.
async function rangeOf<Tx>(
  { prisma, nats, ownStream, consumers }: ReplayOptions<Tx>,
  { stream, from_seq = 1, to_seq = Number.MAX_SAFE_INTEGER }: ReplayRequest,
): Promise<{ nextSeq: number; endSeq: number; epoch: string } | null> {
  if (stream === ownStream) {
    const row = await prisma.outbox.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } })
    return { nextSeq: 1, endSeq: Number(row?.seq ?? 0), epoch: '' }
  }
  if (!consumers.some((consumer) => consumer.stream === stream)) return null
  const info = await findStream(nats, stream)
  // Its service has published nothing yet.
  if (!info) return { nextSeq: 1, endSeq: 0, epoch: '' }
  const { first_seq, last_seq } = info.state
  return { nextSeq: Math.max(from_seq, first_seq), endSeq: Math.min(to_seq, last_seq), epoch: epochOf(info) }
}
