import { type StreamName, streams } from '@spawnpoint/contracts'
import { type JetStreamManager, nanos, RetentionPolicy, StorageType, type StreamInfo } from 'nats'
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
    if (!/stream not found/i.test(String(error))) throw error
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

/** Changes whenever a stream is made anew, and its sequences with it. */
export function epochOf(info: StreamInfo): string {
  return info.created
}
