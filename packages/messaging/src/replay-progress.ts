import { setTimeout as delay } from 'node:timers/promises'
import type { Transaction } from '@spawnpoint/database'
import type { Finding } from './replay-decide.ts'
import { keepAlive, keepFindings, type Replay, type Run, saveProgress } from './replay-runs.ts'

export type Progress = {
  add(findings: Finding[]): Promise<void>
  /** Writes down how far it is; false when it is time to stop. */
  reach(step: { nextSeq: number; read: number; total: number; unreadable?: number }): Promise<boolean>
  /** Waits for as long as so many decided events may take; false when it is time to stop. */
  pace(decided: number): Promise<boolean>
  isOver(): boolean
  close(): void
}

const beatMs = 4_000

export function openProgress({
  db,
  run,
  replay,
  stopping,
}: {
  db: Transaction
  run: Run
  replay: Replay
  stopping: AbortSignal
}): Progress {
  const counts = { ...replay.counts }
  const lost = new AbortController()
  const over = AbortSignal.any([stopping, lost.signal])
  let { read } = replay
  let total = replay.total
  let kept = Object.values(counts).reduce((sum, count) => sum + count, 0)

  const beat = setInterval(async () => {
    // The database being away is seen, and said, by whatever is being decided.
    if (!(await keepAlive(db, run).catch(() => true))) lost.abort()
  }, beatMs)

  return {
    async add(findings) {
      for (const { outcome } of findings) counts[outcome] = (counts[outcome] ?? 0) + 1
      await keepFindings(db, run, { findings, keptAlready: kept })
      kept += findings.length
    },
    async reach(step) {
      read += step.read
      // What was there when it began, not what is left now that it was resumed.
      total ||= step.total
      if (step.unreadable) counts.unreadable = (counts.unreadable ?? 0) + step.unreadable
      if (!(await saveProgress(db, run, { nextSeq: step.nextSeq, total, read, counts }))) lost.abort()
      return !over.aborted
    },
    async pace(decided) {
      const pauseMs = (1000 * decided) / replay.request.rate
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal: over }).catch(() => {})
      if (!over.aborted && pauseMs > 0 && !(await keepAlive(db, run))) lost.abort()
      return !over.aborted
    },
    isOver: () => over.aborted,
    close: () => clearInterval(beat),
  }
}
