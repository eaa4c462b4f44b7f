import { type StreamName, streams } from '@spawnpoint/contracts'
import {
  type JetStreamManager,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
  type StreamInfo,
} from 'nats'
import type { Nats } from './connect.ts'

const dayMs = 24 * 60 * 60 * 1000
export const maxAgeMs = 30 * dayMs
const duplicateWindowMs = 10 * 60 * 1000

/** Makes the stream where it is missing; a stream that is there is left as its owner set it. */
export async function ensureStream(nats: Nats, name: StreamName): Promise<StreamInfo> {
  const manager = await streamManager(nats)
  try {
    return await manager.streams.info(name)
  } catch (error) {
    if (!isMissing(error)) throw error
    return await manager.streams.add({
      name,
      subjects: [...streams[name]],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      max_age: nanos(maxAgeMs),
      duplicate_window: nanos(duplicateWindowMs),
      num_replicas: 1,
    })
  }
}

export async function streamManager(nats: Nats): Promise<JetStreamManager> {
  const connection = await nats.connection()
  return connection.jetstreamManager({ checkAPI: false, timeout: 5_000 })
}

/** What the stream has at this sequence. */
export async function storedMessage(
  nats: Nats,
  stream: StreamName,
  seq: number,
): Promise<StoredMsg | undefined> {
  try {
    return await (await streamManager(nats)).streams.getMessage(stream, { seq })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** JetStream answered that it has no such stream, durable or message; not that it could not answer. */
export function isMissing(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.code === 404
}

/** Changes whenever a stream is made anew, and its sequences with it. */
export function epochOf(info: StreamInfo): string {
  return info.created
}

/**
 * The epoch of a stream that is made where it is missing, asked for once a second at most. One that is out of date is
 * harmless: stream repair takes rows that carry it for lost, and has them republished.
 */
export function rememberEpoch(nats: Nats, name: StreamName) {
  let known: { epoch: string; until: number } | undefined
  return {
    async read(): Promise<string> {
      const now = performance.now()
      if (!known || now > known.until)
        known = { epoch: epochOf(await ensureStream(nats, name)), until: now + 1_000 }
      return known.epoch
    },
    forget: () => {
      known = undefined
    },
  }
}

/** How long the stream keeps a message; 0 is for ever. */
export function maxAgeOf(info: Pick<StreamInfo, 'config'>): number {
  return info.config.max_age / 1_000_000
}
