import type { Envelope, StreamName } from '@spawnpoint/contracts'
import { connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { awaitAcknowledged, lastSequence } from '../sale-path/await-acknowledged.ts'

export type Stream = AsyncDisposable & {
  /** How many messages it has. */
  length(): Promise<number>
  /** Publishes with as many in flight as the relay has, and no more work than that. */
  publish(messages: Message[]): Promise<void>
  /** Reads so many from the beginning, each parsed. */
  read(count: number): Promise<void>
  /** Up to which sequence a durable has acknowledged everything. */
  acknowledgedBy(durable: string): Promise<number>
  /** Waits until a durable has acknowledged all that is in the stream now. */
  untilAcknowledged(durable: string): Promise<void>
  /** A message of core NATS that nobody keeps. */
  call(subject: string): void
}

type Message = { subject: string; id: string; payload: string }

const inFlight = 256

/** A stream through the bare client, beside the services. */
export async function openStream(
  url: string,
  { name, signal }: { name: StreamName; signal: AbortSignal },
): Promise<Stream> {
  const nats = connectNats({ url, name: 'bench', log: createLogger({ service: 'bench', level: 'silent' }) })
  const connection = await nats.connection()
  const client = connection.jetstream()
  const manager = await connection.jetstreamManager({ checkAPI: false })
  return {
    length: async () => (await manager.streams.info(name)).state.messages,
    async publish(messages) {
      const waiting = messages.values()
      const worker = async () => {
        for (const { subject, id, payload } of waiting) await client.publish(subject, payload, { msgID: id })
      }
      await Promise.all(Array.from({ length: inFlight }, worker))
    },
    async read(count) {
      const consumer = await client.consumers.get(name)
      const messages = await consumer.consume()
      let read = 0
      for await (const message of messages) {
        message.json()
        read += 1
        if (read === count) break
      }
      await messages.close()
    },
    acknowledgedBy: async (durable) => (await manager.consumers.info(name, durable)).ack_floor.stream_seq,
    async untilAcknowledged(consumer) {
      const until = await lastSequence(connection, name)
      await awaitAcknowledged(connection, { stream: name, consumer, until, signal })
    },
    call: (subject) => connection.publish(subject),
    [Symbol.asyncDispose]: () => nats.close(),
  }
}

export function messageOf(envelope: Envelope): Message {
  return { subject: envelope.type, id: envelope.id, payload: JSON.stringify(envelope) }
}
