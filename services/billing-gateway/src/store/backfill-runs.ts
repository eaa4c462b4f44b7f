import { z } from '@hono/zod-openapi'
import { sql, type Transaction } from '@spawnpoint/database'
import type { BackfillReport } from '../rules/backfill-report.ts'
import type { Tx } from './tx.ts'

/** `events`, `objects` and `subscriptions` hold up to when each was compared; `catch-up` is the run as a whole. */
export type WatermarkName = 'catch-up' | 'events' | 'objects' | 'subscriptions'

/** Up to when it was compared; null before the first run. */
export async function readWatermark(db: Tx, name: WatermarkName): Promise<Date | null> {
  const row = await db.sweep.findUnique({ where: { name } })
  return row?.watermark ?? null
}

/** Never moves backwards. */
export async function saveWatermark(db: Transaction, name: WatermarkName, watermark: Date): Promise<void> {
  await db.$executeRaw(
    sql`INSERT INTO sweep (name, watermark) VALUES (${name}, ${watermark})
        ON DUPLICATE KEY UPDATE watermark = GREATEST(sweep.watermark, VALUES(watermark))`,
  )
}

/** Requests a run now, by whichever replica comes first. */
export async function requestBackfill(db: Transaction): Promise<void> {
  await db.$executeRaw(
    sql`INSERT INTO sweep (name, watermark) VALUES ('catch-up', UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE watermark = UTC_TIMESTAMP(3)`,
  )
}

export type Due = { isRequested: boolean } | null

/** Null when the last run began less than an interval ago and none was requested since; without an interval only requests count. */
export async function dueBackfill(db: Transaction, intervalMs: number | null): Promise<Due> {
  const [row] = await db.$queryRaw<{ asked: number | null; old: number | null }[]>(
    sql`SELECT started_at IS NULL OR watermark >= started_at AS asked,
          started_at < UTC_TIMESTAMP(3) - INTERVAL ${Math.round(intervalMs ?? 0) * 1_000} MICROSECOND AS old
        FROM sweep WHERE name = 'catch-up'`,
  )
  if (!row) return intervalMs === null ? null : { isRequested: false }
  const isRequested = Number(row.asked) === 1
  const isOld = intervalMs !== null && Number(row.old) === 1
  return isRequested || isOld ? { isRequested } : null
}

export async function beginBackfill(db: Transaction): Promise<void> {
  // A millisecond later than the request.
  await db.$executeRaw(
    sql`INSERT INTO sweep (name, watermark, started_at) VALUES ('catch-up', '1970-01-01', UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE started_at = UTC_TIMESTAMP(3) + INTERVAL 1000 MICROSECOND, error = NULL`,
  )
}

export async function endBackfill(
  db: Transaction,
  { report, error }: { report: BackfillReport; error: string | null },
): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE sweep SET report = ${JSON.stringify(report)}, error = ${error?.slice(0, 1000) ?? null},
          finished_at = ${error === null ? sql`GREATEST(UTC_TIMESTAMP(3), started_at)` : sql`finished_at`}
        WHERE name = 'catch-up'`,
  )
}

const tally = z.object({
  looked_at: z.number().int(),
  missing: z.number().int(),
  changed: z.number().int(),
  unreadable: z.number().int(),
})

export const lastBackfillSchema = z.object({
  /** False while a run is requested or running. */
  is_over: z.boolean(),
  /** When the last complete run ended. */
  finished_at: z.iso.datetime().nullable(),
  /** Up to when Stripe's list of events was read. */
  events_up_to: z.iso.datetime().nullable(),
  error: z.string().nullable(),
  report: z.record(z.string(), tally),
})

/** The last run, as the API and the command show it. */
export async function lastBackfill(db: Tx): Promise<z.infer<typeof lastBackfillSchema>> {
  const row = await db.sweep.findUnique({ where: { name: 'catch-up' } })
  const isBegun = row?.startedAt != null && row.startedAt > row.watermark
  const isFinished =
    isBegun && (row.error !== null || (row.finishedAt !== null && row.finishedAt >= (row.startedAt ?? 0)))
  return lastBackfillSchema.parse({
    is_over: isFinished,
    finished_at: row?.finishedAt?.toISOString() ?? null,
    events_up_to: (await readWatermark(db, 'events'))?.toISOString() ?? null,
    error: row?.error ?? null,
    report: row?.report ? JSON.parse(row.report) : {},
  })
}
