/** The newest rows of the journal, in any order. `deliveries`: how often a webhook brought it. */
export type JournalRow = { type: string; source: string; deliveries: number; created: Date }

export type Missed = { count: number; types: string[]; oldest: Date }

/**
 * What Stripe's list of events brought and no webhook did, although this process listened when it happened; null where there is
 * nothing such. A type of which a later event arrived arrives again.
 */
export function missedWebhooks(
  rows: readonly JournalRow[],
  { startedAt, now, patienceMs }: { startedAt: Date; now: Date; patienceMs: number },
): Missed | null {
  const arrived = new Map<string, number>()
  for (const { type, deliveries, created } of rows)
    if (deliveries > 0) arrived.set(type, Math.max(arrived.get(type) ?? 0, created.getTime()))
  const missed = rows.filter(
    ({ type, source, deliveries, created }) =>
      source === 'backfill' &&
      deliveries === 0 &&
      created.getTime() >= startedAt.getTime() &&
      created.getTime() <= now.getTime() - patienceMs &&
      created.getTime() > (arrived.get(type) ?? 0),
  )
  if (missed.length === 0) return null
  const oldest = new Date(Math.min(...missed.map(({ created }) => created.getTime())))
  return { count: missed.length, types: [...new Set(missed.map(({ type }) => type))].sort(), oldest }
}
