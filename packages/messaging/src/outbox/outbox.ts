import type { Envelope } from '@spawnpoint/contracts'
import type { Transaction } from '@spawnpoint/database'
import { insertOutbox } from '../inline-statements.ts'

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
