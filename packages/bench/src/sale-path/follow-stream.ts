import { type AnyEvent, readEvent, type StreamName } from '@spawnpoint/contracts'
import type { NatsConnection } from './open-sale-path.ts'

/** Consumes what is stored in a stream from now on; `storedAt` is JetStream's own clock, in ms since 1970. */
export async function followStream(
  nats: NatsConnection,
  stream: StreamName,
  onEvent: (event: AnyEvent, storedAt: number) => void,
): Promise<AsyncDisposable> {
  const manager = await nats.jetstreamManager()
  const { state } = await manager.streams.info(stream)
  const consumer = await nats.jetstream().consumers.get(stream, { opt_start_seq: state.last_seq + 1 })
  const messages = await consumer.consume({
    callback: ({ data, info }) => {
      const event = readEvent(data)
      if ('problem' in event) throw new Error(`${stream} holds what cannot be read: ${event.problem.message}`)
      onEvent(event, info.timestampNanos / 1e6)
    },
  })
  return { [Symbol.asyncDispose]: async () => void (await messages.close()) }
}
