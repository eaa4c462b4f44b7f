import { setTimeout as delay } from 'node:timers/promises'
import type { Transaction } from '@spawnpoint/database'
import { type Finding, finding } from './replay-decide.ts'
import type { ReplayVerdict } from './replay-eligibility.ts'
import type { Found } from './replay-request.ts'
import { keepAlive, keepFindings, type Replay, type Run, saveProgress } from './replay-runs.ts'

/** What is not decided, and why. */
export type Left = { found: Found; verdict: Extract<ReplayVerdict, { decide: false }> }

export type Progress = {
  /** Counts all of them, and keeps the first thousand that are left because they were decided, and the first ten thousand of the rest. */
  add(findings: Finding[], left?: Left[]): Promise<void>
  /** Writes down how far it is, a dry run twice a second at most; false when it is time to stop. */
  reach(step: { nextSeq: number; read: number; total: number; unreadable?: number }): Promise<boolean>
  /** Waits for as long as so many decided events may take; false when it is time to stop. */
  pace(decided: number): Promise<boolean>
  /** Writes down what is not yet written. */
  save(): Promise<void>
  isOver(): boolean
  close(): void
}

const beatMs = 4_000
// Most are skipped, and say the same: they may not use up the room of those that say something.
const mostSkipped = 1_000
const mostOthers = 10_000
// What a dry run has read again after an interruption costs nothing but the reading.
const dryRunSavesEveryMs = 500

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
  let { read, nextSeq } = replay
  let total = replay.total
  let savedAt = 0
  let others = Object.values({ ...counts, skipped: 0 }).reduce((sum, count) => sum + count, 0)

  const beat = setInterval(async () => {
    // The database being away is seen, and said, by whatever is being decided.
    if (!(await keepAlive(db, run).catch(() => true))) lost.abort()
  }, beatMs)

  function count(outcome: keyof typeof counts): number {
    const counted = (counts[outcome] ?? 0) + 1
    counts[outcome] = counted
    return counted
  }

  function isOfFirstLeft({ verdict: { outcome } }: Left): boolean {
    return outcome === 'skipped' ? count(outcome) <= mostSkipped : isOfFirst({ outcome })
  }

  function isOfFirst({ outcome }: Pick<Finding, 'outcome'>): boolean {
    count(outcome)
    others += 1
    return others <= mostOthers
  }

  async function save() {
    if (!(await saveProgress(db, run, { nextSeq, total, read, counts }))) lost.abort()
  }

  return {
    async add(findings, left = []) {
      const firstLeft = left.filter(isOfFirstLeft).map(leftFinding)
      await keepFindings(db, run, [...firstLeft, ...findings.filter(isOfFirst)])
    },
    async reach(step) {
      read += step.read
      // What was there when it began, not what is left now that it was resumed.
      total ||= step.total
      if (step.unreadable) counts.unreadable = (counts.unreadable ?? 0) + step.unreadable
      nextSeq = step.nextSeq
      const now = performance.now()
      if (!replay.request.dry_run || now > savedAt + dryRunSavesEveryMs) {
        savedAt = now
        await save()
      }
      return !over.aborted
    },
    save,
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

function leftFinding({ found, verdict: { outcome, reason } }: Left): Finding {
  return { ...finding(found, undefined), outcome, reason }
}
