import { createHash } from 'node:crypto'
import { join, sql, type Transaction } from '@spawnpoint/database'
import Stripe from 'stripe'

/** How something came into the journal other than by a webhook: an object that was looked at, an event that Stripe's list has. */
type SeenSource = 'seen' | 'backfill'

export type SeenEvent = {
  source: SeenSource
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean
  /** Of an object that was looked at: when, to the millisecond. Its state is as of then. */
  created: Date
  body: string
}

type StripeObject = { id: string; livemode?: boolean }

/** An object as Stripe's API shows it, in the form of the event that would say so: it goes the road of every event. */
export function seenObject(object: StripeObject, { type, at, livemode }: SeenAs): SeenEvent {
  const content = JSON.stringify(object)
  const hash = createHash('sha256').update(`${type} ${at.getTime()} ${content}`).digest('hex').slice(0, 40)
  const event = {
    id: `seen_${hash}`,
    object: 'event',
    type,
    api_version: Stripe.API_VERSION,
    created: Math.floor(at.getTime() / 1000),
    livemode,
    data: { object },
  }
  return {
    source: 'seen',
    eventId: event.id,
    type,
    apiVersion: event.api_version,
    livemode,
    created: at,
    body: JSON.stringify(event),
  }
}

export type SeenAs = { type: string; at: Date; livemode: boolean }

/**
 * Puts into the journal what is not there yet, and says how much that was. What another transaction stores meanwhile makes this
 * one fail for a lost race: `inTransaction` runs it again.
 */
export async function storeSeen(db: Transaction, seen: SeenEvent[]): Promise<number> {
  if (seen.length === 0) return 0
  const known = await knownAmong(
    db,
    seen.map(({ eventId }) => eventId),
  )
  const missing = new Map(
    seen.filter(({ eventId }) => !known.has(eventId)).map((event) => [event.eventId, event]),
  )
  if (missing.size === 0) return 0
  const rows = [...missing.values()]
    .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
    .map(
      ({ source, eventId, type, apiVersion, livemode, created, body }) =>
        sql`('', ${eventId}, ${type}, ${apiVersion}, ${livemode}, ${created}, ${body}, 0, UTC_TIMESTAMP(3), ${source}, UTC_TIMESTAMP(3))`,
    )
  await db.$executeRaw(
    sql`INSERT INTO stripe_event (account, event_id, type, api_version, livemode, created, body, deliveries,
          received_at, source, next_attempt_at)
        VALUES ${join(rows)}`,
  )
  return missing.size
}

async function knownAmong(db: Transaction, eventIds: string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>(
    sql`SELECT event_id AS id FROM stripe_event WHERE event_id IN (${join(eventIds)}) AND account = ''`,
  )
  return new Set(rows.map(({ id }) => id))
}
