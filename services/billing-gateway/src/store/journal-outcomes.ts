import { z } from '@hono/zod-openapi'
import { sql, type Transaction } from '@spawnpoint/database'
import type { UpdateResult } from '../rules/billing-update.ts'
import { markProcessed, type Settled } from './inline-statements.ts'

/** The result of one event of the journal. */
export type ProcessingResult = { seq: bigint; eventId: string; type: string; attempts: number } & (
  | UpdateResult
  | { outcome: 'failed'; error: unknown }
)

/** A failed event stays due with growing delays: a fixed version of this service will process it by itself. */
export async function recordOutcomes(tx: Transaction, results: ProcessingResult[]): Promise<void> {
  for (const [reason, settled] of settledByReason(results))
    await tx.$executeRaw(markProcessed(settled, reason))
  for (const result of results) {
    if (result.outcome === 'failed') await markFailed(tx, result)
    if (result.outcome === 'look') await markForLookup(tx, result)
  }
}

function settledByReason(results: ProcessingResult[]): Map<string | null, Settled[]> {
  const groups = new Map<string | null, Settled[]>()
  for (const result of results) {
    if (result.outcome === 'failed' || result.outcome === 'look') continue
    const [reason, waitingFor] =
      result.outcome === 'ignored' ? [result.reason, result.waitingFor] : [null, null]
    groups.set(reason, [...(groups.get(reason) ?? []), { seq: result.seq, waitingFor }])
  }
  return groups
}

function markFailed(tx: Transaction, { seq, attempts, error }: ProcessingResult & { outcome: 'failed' }) {
  return tx.$executeRaw(
    sql`UPDATE stripe_event SET attempts = attempts + 1, outcome = 'failed', error = ${describe(error)},
          next_attempt_at = TIMESTAMPADD(MICROSECOND, ${retryDelayMs(attempts + 1) * 1000}, UTC_TIMESTAMP(3))
        WHERE seq = ${seq}`,
  )
}

// It is due again after the lookup; should that never happen, it is processed again in an hour and requests it again.
function markForLookup(tx: Transaction, { seq, target }: ProcessingResult & { outcome: 'look' }) {
  return tx.$executeRaw(
    sql`UPDATE stripe_event SET attempts = attempts + 1, outcome = NULL, reason = 'look', waiting_for = ${target},
          next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR
        WHERE seq = ${seq}`,
  )
}

const longestDelayMs = 3_600_000

function retryDelayMs(attempt: number): number {
  const full = Math.min(1_000 * 2 ** attempt, longestDelayMs)
  return Math.round(full * (0.5 + Math.random() / 2))
}

function describe(error: unknown): string {
  return sentenceOf(error).slice(0, 1000)
}

function sentenceOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the object'}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}
