import { setTimeout as delay } from 'node:timers/promises'
import { callService } from './call-service.ts'
import { countsInWords, printLine } from './print.ts'
import type { Service } from './services.ts'

export type Replay = {
  id: string
  kind: 'replay' | 'republish'
  state: 'running' | 'done' | 'aborted' | 'failed'
  request: { stream: string; dry_run: boolean }
  total: number
  read: number
  next_seq: number
  counts: Record<string, number>
  error: string | null
  created_at: string
}

/** Waits for the end of a replay, with a bar where somebody watches. Ctrl-C aborts it, not only this command. */
export async function watchReplay(service: Service, begun: Replay): Promise<Replay> {
  const path = `/admin/replays/${begun.id}`
  const startedAt = performance.now()
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    let replay = begun
    for (let pauseMs = 20; replay.state === 'running'; pauseMs = Math.min(500, pauseMs * 2)) {
      await delay(pauseMs, undefined, { signal: stopped.signal }).catch(() => {})
      if (stopped.signal.aborted) await callService(service, 'POST', `${path}/abort`)
      replay = await callService<Replay>(service, 'GET', path)
      draw(replay, startedAt)
    }
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    if (replay.state === 'aborted' && !replay.request.dry_run)
      printLine(`Aborted. It goes on with: spawnpoint replays resume ${replay.id} --service ${service.name}`)
    return replay
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function draw({ read, total, counts }: Replay, startedAt: number): void {
  if (!process.stderr.isTTY || total === 0) return
  const share = Math.min(1, read / total)
  const bar = '█'.repeat(Math.round(share * 24)).padEnd(24, '░')
  const leftMs = share > 0.01 ? ((performance.now() - startedAt) * (1 - share)) / share : 0
  const left = leftMs > 2_000 ? `, ${Math.round(leftMs / 1000)} s left` : ''
  process.stderr.write(`\r\x1b[K${bar} ${read}/${total}  ${countsInWords(counts)}${left}`)
}
