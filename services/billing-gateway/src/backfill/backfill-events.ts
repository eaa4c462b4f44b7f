import { inTransaction } from '@spawnpoint/database'
import { failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { addTally, emptyTally, type Tally } from '../rules/backfill-report.ts'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { readWatermark, saveWatermark } from '../store/backfill-runs.ts'
import { storeFetched } from '../store/journal.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { handledEventTypes } from '../stripe/parse/parse-event.ts'

/** What each part of a backfill needs. */
export type BackfillContext = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  /** Settles when the next call may be made: within the rate limit, and only while this replica holds the lease. */
  next: () => Promise<void>
  wakeProcessor: () => void
}

/** How long Stripe lists an event. */
export const listedForMs = 30 * 86_400_000
/** Events appear in the list a little out of order. */
export const overlapMs = 10 * 60_000
const typesInACall = 20
const shortestRangeMs = 60_000

type Range = { fromMs: number; toMs: number }

/**
 * Stripe's list of events since the last run, oldest first and range by range: a run that is interrupted continues from its
 * watermark. Stripe's own delivery status is ignored: the event may have gone to another endpoint.
 */
export async function backfillEvents(context: BackfillContext): Promise<Tally> {
  const nowMs = (await stripeTime(context)).getTime()
  const watermark = await readWatermark(context.prisma, 'events')
  // At the very edge an event could expire while its page is the cursor.
  const oldest = nowMs - listedForMs + 60_000
  const fromMs = Math.max((watermark?.getTime() ?? 0) - overlapMs, oldest)
  return await sweep(context, { fromMs, toMs: Math.max(nowMs, fromMs) })
}

/** A page lists the newest first: a range that does not fit into one page is halved, and its older half comes first. */
async function sweep(context: BackfillContext, range: Range): Promise<Tally> {
  const pages: Stripe.ApiList<Stripe.Event>[] = []
  for (const types of chunksOf(handledEventTypes, typesInACall))
    pages.push(await listPage(context, { types, range }))
  const spanMs = range.toMs - range.fromMs
  if (pages.some(({ has_more }) => has_more) && spanMs > shortestRangeMs) {
    const middleMs = range.fromMs + Math.ceil(spanMs / 2_000) * 1_000
    const older = await sweep(context, { fromMs: range.fromMs, toMs: middleMs - 1_000 })
    return addTally(older, await sweep(context, { fromMs: middleMs, toMs: range.toMs }))
  }
  let tally = emptyTally()
  for (const [n, types] of chunksOf(handledEventTypes, typesInACall).entries()) {
    for (let page = pages[n]; page; page = await pageAfter(context, page, { types, range }))
      tally = addTally(tally, await store(context, page.data))
  }
  await saveWatermark(context.prisma, 'events', new Date(range.toMs))
  return tally
}

type PageQuery = { types: readonly string[]; range: Range; after?: string | undefined }

async function listPage({ stripe, next }: BackfillContext, { types, range, after }: PageQuery) {
  await next()
  return await stripe.events.list({
    types: [...types],
    created: { gte: Math.floor(range.fromMs / 1000), lte: Math.floor(range.toMs / 1000) },
    limit: 100,
    ...(after ? { starting_after: after } : {}),
  })
}

async function pageAfter(context: BackfillContext, page: Stripe.ApiList<Stripe.Event>, query: PageQuery) {
  const after = page.data.at(-1)?.id
  return page.has_more && after ? await listPage(context, { ...query, after }) : undefined
}

async function store({ prisma, wakeProcessor }: BackfillContext, events: Stripe.Event[]): Promise<Tally> {
  if (events.length === 0) return emptyTally()
  failpoint('catch-up.before-store')
  const missing = await inTransaction(prisma, (tx) => storeFetched(tx, events.map(listedEvent)))
  failpoint('catch-up.after-store')
  if (missing > 0) wakeProcessor()
  return { ...emptyTally(), looked_at: events.length, missing }
}

function listedEvent(event: Stripe.Event): FetchedEvent {
  return {
    source: 'backfill',
    eventId: event.id,
    type: event.type,
    apiVersion: event.api_version,
    livemode: event.livemode,
    created: new Date(event.created * 1000),
    body: JSON.stringify(event),
  }
}

/** By Stripe's clock, which dates its events. */
async function stripeTime({ stripe, next }: BackfillContext): Promise<Date> {
  await next()
  return timeAtStripe((await stripe.events.list({ limit: 1 })).lastResponse)
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) =>
    items.slice(n * size, (n + 1) * size),
  )
}
