import { setTimeout as delay } from 'node:timers/promises'
import type { NatsConnection } from './open-sale-path.ts'

const patienceMs = 30_000

/**
 * Waits until a durable consumer has acknowledged everything up to this sequence, which it does only after committing. Asks
 * JetStream and not the database, so that whoever looks is not the load. Gives the moment; throws when nothing moves any more.
 */
export async function awaitAcknowledged(
  nats: NatsConnection,
  {
    stream,
    consumer,
    until,
    signal,
  }: { stream: string; consumer: string; until: number; signal: AbortSignal },
): Promise<number> {
  const { consumers } = await nats.jetstreamManager()
  let moved = { to: -1, at: performance.now() }
  for (;;) {
    const { ack_floor } = await consumers.info(stream, consumer)
    const now = performance.now()
    if (ack_floor.stream_seq >= until) return now
    if (ack_floor.stream_seq !== moved.to) moved = { to: ack_floor.stream_seq, at: now }
    if (now - moved.at > patienceMs)
      throw new Error(`${consumer} stands still at ${ack_floor.stream_seq} of ${until} in ${stream}`)
    await delay(10, undefined, { signal })
  }
}

export async function lastSequence(nats: NatsConnection, stream: string): Promise<number> {
  const { streams } = await nats.jetstreamManager()
  const { state } = await streams.info(stream)
  return state.last_seq
}
