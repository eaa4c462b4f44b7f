import { type AnyEvent, type EventType, events } from '@spawnpoint/contracts'
import { derivedId, type Found } from '@spawnpoint/messaging'
import { z } from 'zod'

/**
 * Which events are to be replayed, and how. Times are when an event came into its stream (or, for the service's own stream, into
 * its outbox); sequences are the stream's; `rate` is decided events a second. A misspelt field is refused: it would filter nothing.
 */
export const replayRequestSchema = z
  .strictObject({
    stream: z.enum(['BILLING', 'ORDER', 'SERVER']),
    type: z.enum(Object.keys(events) as [EventType, ...EventType[]]).optional(),
    order: z.string().min(1).max(191).optional(),
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    from_seq: z.number().int().positive().optional(),
    to_seq: z.number().int().positive().optional(),
    dry_run: z.boolean().default(true),
    include_ignored: z.boolean().default(false),
    rate: z.number().int().min(1).max(10_000).default(200),
  })
  .refine(({ type, stream }) => !type || events[type].stream === stream, {
    path: ['type'],
    message: 'is no event of this stream',
  })
  .refine(({ since, until }) => !since || !until || since <= until, {
    path: ['until'],
    message: 'is before since',
  })
  .refine(({ from_seq, to_seq }) => !from_seq || !to_seq || from_seq <= to_seq, {
    path: ['to_seq'],
    message: 'is below from_seq',
  })

export type ReplayRequest = z.output<typeof replayRequestSchema>

export function isAsked(request: ReplayRequest, { at, event }: Pick<Found, 'at' | 'event'>): boolean {
  const { type, order, since, until } = request
  if (type && event.type !== type) return false
  if (since && at < new Date(since)) return false
  if (until && at > new Date(until)) return false
  return !order || orderIdOf(event) === order
}

/** The order that an event is about; a payment that names none begins an order whose id is derived from the payment's. */
export function orderIdOf({ data }: AnyEvent): string {
  return data.order_id ?? ('payment_id' in data ? derivedId(String(data.payment_id), 'order') : '')
}
