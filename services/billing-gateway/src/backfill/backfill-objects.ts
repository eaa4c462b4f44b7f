import { addTally, type BackfillReport, emptyTally, type Tally } from '../rules/backfill-report.ts'
import { readWatermark, saveWatermark } from '../store/backfill-runs.ts'
import { findLostSubscriptions, findOpenObjects, type OpenObject } from '../store/open-objects.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { isMissing } from '../stripe/errors.ts'
import { activeSubscriptions, type Listing, listingsSince, retrieveObject } from '../stripe/list-objects.ts'
import { eventFromObject } from '../stripe/object-event.ts'
import { type BackfillContext, listedForMs, overlapMs } from './backfill-events.ts'
import { compare } from './compare.ts'

const everySubscriptionMs = 3_600_000

/** What changed at Stripe without an event, or with one that Stripe no longer lists. */
export async function backfillObjects(
  context: BackfillContext,
  { allSubscriptions }: { allSubscriptions: boolean },
): Promise<BackfillReport> {
  const { prisma, stripe } = context
  const report: BackfillReport = {}
  const count = (kind: string, tally: Tally) => {
    report[kind] = addTally(report[kind] ?? emptyTally(), tally)
  }
  const begun = new Date()
  const watermark = await readWatermark(prisma, 'objects')
  const sinceMs = watermark ? watermark.getTime() - overlapMs : begun.getTime() - listedForMs
  // What is created while later lists are read stands in the next run's first ones.
  let readUntil: Date | null = null
  for (const [kind, listing] of Object.entries(listingsSince(stripe, Math.floor(sinceMs / 1000)))) {
    const { tally, stripeTime } = await sweepList(context, listing)
    count(kind, tally)
    readUntil ??= stripeTime
  }
  for (const open of await findOpenObjects(prisma)) count(open.kind, await compareOpen(context, open))
  if (allSubscriptions || (await isTimeForAll(context)))
    count('subscriptions', await sweepSubscriptions(context))
  await saveWatermark(prisma, 'objects', readUntil ?? begun)
  return report
}

async function isTimeForAll({ prisma }: BackfillContext): Promise<boolean> {
  const last = await readWatermark(prisma, 'subscriptions')
  return last === null || Date.now() - last.getTime() > everySubscriptionMs
}

/** Every active subscription at Stripe, and every one that is active only here. */
async function sweepSubscriptions(context: BackfillContext): Promise<Tally> {
  const { prisma, stripe } = context
  const begun = new Date()
  const { tally, ids } = await sweepList(context, activeSubscriptions(stripe))
  let all = tally
  for (const lost of await findLostSubscriptions(prisma, ids))
    all = addTally(all, await compareOpen(context, lost))
  await saveWatermark(prisma, 'subscriptions', begun)
  return all
}

async function sweepList(context: BackfillContext, listing: Listing) {
  let tally = emptyTally()
  let stripeTime: Date | null = null
  const ids = new Set<string>()
  for (let after: string | undefined, more = true; more; ) {
    await context.next()
    const page = await listing({ limit: 100, ...(after ? { starting_after: after } : {}) })
    const at = timeAtStripe(page.lastResponse)
    tally = addTally(tally, await compareObjects(context, page.data, at))
    for (const { id } of page.data) ids.add(id)
    after = page.data.at(-1)?.id
    more = page.has_more && after !== undefined
    stripeTime ??= at
  }
  return { tally, ids, stripeTime }
}

async function compareOpen(context: BackfillContext, open: OpenObject): Promise<Tally> {
  await context.next()
  try {
    const object = await retrieveObject(context.stripe, open)
    return await compareObjects(context, [object], timeAtStripe(object.lastResponse))
  } catch (error) {
    if (isMissing(error)) return emptyTally()
    throw error
  }
}

async function compareObjects(
  { prisma, livemode, wakeProcessor }: BackfillContext,
  objects: Parameters<typeof eventFromObject>[0][],
  at: Date,
): Promise<Tally> {
  const fetched = objects.flatMap((object) => eventFromObject(object, { at, livemode }) ?? [])
  const tally = await compare(prisma, { livemode, fetched })
  if (tally.missing + tally.changed > 0) wakeProcessor()
  return { ...tally, looked_at: objects.length }
}
