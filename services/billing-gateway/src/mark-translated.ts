import type { Payment } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'

/** What became of one event of the journal. */
export type Verdict = { seq: bigint; eventId: string; type: string; attempts: number } & (
  | { outcome: 'done'; payment: Payment }
  | { outcome: 'ignored'; reason: string }
  | { outcome: 'failed'; error: unknown }
)

/** A failed one stays due, later and later: a better version of this service will understand it by itself. */
export async function markTranslated(tx: Transaction, verdicts: Verdict[]): Promise<void> {
  for (const [reason, seqs] of settledByReason(verdicts))
    await tx.$executeRaw(
      sql`UPDATE stripe_event SET processed_at = UTC_TIMESTAMP(3), attempts = attempts + 1, error = NULL,
            outcome = ${reason === null ? 'done' : 'ignored'}, reason = ${reason}
          WHERE seq IN (${join(seqs)})`,
    )
  for (const verdict of verdicts)
    if (verdict.outcome === 'failed')
      await tx.$executeRaw(
        sql`UPDATE stripe_event SET attempts = attempts + 1, outcome = 'failed', error = ${describe(verdict.error)},
              next_attempt_at = TIMESTAMPADD(MICROSECOND, ${retryDelayMs(verdict.attempts + 1) * 1000}, UTC_TIMESTAMP(3))
            WHERE seq = ${verdict.seq}`,
      )
}

function settledByReason(verdicts: Verdict[]): Map<string | null, bigint[]> {
  const groups = new Map<string | null, bigint[]>()
  for (const verdict of verdicts) {
    if (verdict.outcome === 'failed') continue
    const reason = verdict.outcome === 'ignored' ? verdict.reason : null
    groups.set(reason, [...(groups.get(reason) ?? []), verdict.seq])
  }
  return groups
}

const longestDelayMs = 3_600_000

function retryDelayMs(attempt: number): number {
  const full = Math.min(1_000 * 2 ** attempt, longestDelayMs)
  return Math.round(full * (0.5 + Math.random() / 2))
}

function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 1000)
}
