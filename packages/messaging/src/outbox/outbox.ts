import { type Envelope, type EventData, type EventType, events } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import { parse, v5 } from 'uuid'
import { insertOutbox } from '../inline-statements.ts'

// As bytes: it would else be read anew for each id.
const namespace = parse('5b0f6a3e-7d52-5c38-9a52-6c7a0d1f5e11')

export type EventOptions<Type extends EventType> = {
  source: string
  /** What made it happen: an event id, an effect such as `cs_…/succeeded`, an Idempotency-Key, or `subject/version`. */
  cause: string
  type: Type
  /** The id of what `data` is the whole state of, and its version. */
  subject: string
  version: number
  data: EventData<Type>
  time: Date
  /** Tells events of one type and one cause apart. */
  ordinal?: number
}

/** An event whose id follows from its cause: deciding again makes the same event, which every inbox still knows. */
export function newEvent<Type extends EventType>(options: EventOptions<Type>): Envelope<EventData<Type>> {
  const { source, cause, type, subject, version, data, time, ordinal = 0 } = options
  return {
    specversion: '1.0',
    id: derivedId(cause, `${type}/${ordinal}`),
    source: `/spawnpoint/${source}`,
    type,
    subject,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    dataversion: events[type].version,
    sequence: version,
    causationid: cause,
    data,
  }
}

/** UUIDv5 of a cause and of what it makes. */
export function derivedId(cause: string, what: string): string {
  return v5(`${cause}\n${what}`, namespace)
}

// NATS refuses payloads above 1 MB; the envelope leaves space for headers.
const maxBytes = 900_000

const withOutgoing = new WeakSet<Transaction>()

/** Whether anything was appended to the outbox in this transaction. */
export function hasOutgoing(tx: Transaction): boolean {
  return withOutgoing.has(tx)
}

/** Puts events into the caller's transaction; the relay publishes them once it is committed. Known ids are left as they are. */
export async function appendOutbox(tx: Transaction, envelopes: Envelope[]): Promise<void> {
  if (envelopes.length === 0) return
  withOutgoing.add(tx)
  const rows = envelopes.map((envelope) => {
    const json = JSON.stringify(envelope)
    if (Buffer.byteLength(json) > maxBytes)
      throw new Error(`${envelope.type} of ${envelope.subject} has more than ${maxBytes} bytes`)
    return { id: envelope.id, subject: envelope.subject, type: envelope.type, json }
  })
  await tx.$executeRaw(insertOutbox(rows))
}
