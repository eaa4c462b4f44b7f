import type { AnyEvent } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { maxAgeMs } from '@spawnpoint/messaging'

export type Known = { outcome: string | null; reason: string | null }
export type Eligibility = { decide: true } | { decide: false; outcome: 'skipped' | 'refused'; reason: string }

/**
 * Whether a replay decides an event. What the inbox no longer remembers may have been decided once: only
 * within the inbox's retention does an unknown event mean that it was never consumed.
 */
export function replayEligibility(
  event: Pick<AnyEvent, 'time'>,
  known: Known | undefined,
  { includeIgnored, now }: { includeIgnored: boolean; now: Date },
): Eligibility {
  switch (known?.outcome) {
    case 'done':
      return skip('done already')
    case 'ignored':
      return includeIgnored ? { decide: true } : skip(`ignored: ${known.reason}`)
    case 'dead':
      return skip(`dead letter: ${known.reason}`)
    case undefined:
      return now.getTime() - new Date(event.time).getTime() > maxAgeMs
        ? {
            decide: false,
            outcome: 'refused',
            reason: 'older than the inbox remembers: only recovery decides it',
          }
        : { decide: true }
    default:
      // Parked, or begun and not finished.
      return { decide: true }
  }
}

/** What this service's inbox holds of these events, by id. */
export async function knownOf(db: Transaction, events: AnyEvent[]): Promise<Map<string, Known>> {
  if (events.length === 0) return new Map()
  const rows = await db.$queryRaw<(Known & { event_id: string })[]>(
    sql`SELECT event_id, outcome, reason FROM inbox WHERE event_id IN (${join(events.map(({ id }) => id))})`,
  )
  return new Map(rows.map(({ event_id, ...known }) => [event_id, known]))
}

function skip(reason: string): Eligibility {
  return { decide: false, outcome: 'skipped', reason }
}
