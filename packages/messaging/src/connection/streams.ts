import { setTimeout as delay } from 'node:timers/promises'
import { type StreamName, streams } from '@spawnpoint/contracts'
import {
  DiscardPolicy,
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

/** What a service sets on the stream that it fills. */
export type StreamLimits = {
  /** On how many nodes of a cluster each event is stored; 1. */
  replicas: number
  /** What does not fit is refused, and waits in the outbox: nothing that is stored is pushed out. */
  maxBytes: number
}

export const defaultLimits: StreamLimits = { replicas: 1, maxBytes: 512 * 1024 * 1024 }
/** As a service's environment has them. */
export function limitsOf(env: { STREAM_REPLICAS: number; STREAM_MAX_BYTES: number }): StreamLimits {
  return { replicas: env.STREAM_REPLICAS, maxBytes: env.STREAM_MAX_BYTES }
}

/** Also what nats-server takes by default, headers included. */
const maxMessageBytes = 1024 * 1024

/** The service's own stream, made where it is missing; one that is there is left as it is. */
export async function ensureStream(
  nats: Nats,
  name: StreamName,
  limits: StreamLimits = defaultLimits,
): Promise<StreamInfo> {
  const found = await findStream(nats, name)
  if (found) return found
  return await (await streamManager(nats)).streams.add({
    name,
    subjects: [...streams[name]],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(duplicateWindowMs),
    ...limitsConfig(limits),
  })
}

/** Undefined where the service that fills it has not made it yet. */
export async function findStream(nats: Nats, name: StreamName): Promise<StreamInfo | undefined> {
  try {
    return await (await streamManager(nats)).streams.info(name)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Makes the stream, or brings one that was made with other limits to these; true when it changed. */
export async function setLimits(nats: Nats, name: StreamName, limits: StreamLimits): Promise<boolean> {
  const { config } = await ensureStream(nats, name, limits)
  const wanted = limitsConfig(limits)
  const fields = ['num_replicas', 'max_bytes', 'max_msg_size', 'discard'] as const
  if (fields.every((field) => config[field] === wanted[field])) return false
  await (await streamManager(nats)).streams.update(name, { ...config, ...wanted })
  return true
}

function limitsConfig({ replicas, maxBytes }: StreamLimits) {
  return {
    num_replicas: replicas,
    max_bytes: maxBytes,
    max_msg_size: maxMessageBytes,
    discard: DiscardPolicy.New,
  }
}

export async function streamManager(nats: Nats): Promise<JetStreamManager> {
  const connection = await nats.connection()
  return connection.jetstreamManager({ checkAPI: false, timeout: 2_000 })
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
export function rememberEpoch(nats: Nats, name: StreamName, limits?: StreamLimits) {
  let known: { epoch: string; until: number } | undefined
  let refreshing: Promise<string> | undefined

  async function refresh(): Promise<string> {
    const epoch = epochOf(await ensureStream(nats, name, limits))
    known = { epoch, until: performance.now() + 1_000 }
    return epoch
  }

  return {
    async read(): Promise<string> {
      if (known && performance.now() <= known.until) return known.epoch
      refreshing ??= refresh().finally(() => {
        refreshing = undefined
      })
      if (!known) return await refreshing
      const { epoch } = known
      // Nobody answers while the stream elects a leader, which may take its events before that.
      return await Promise.race([refreshing.catch(() => epoch), delay(250, epoch)])
    },
    forget: () => {
      if (known) known.until = 0
    },
  }
}

/** How long the stream keeps a message; 0 is for ever. */
export function maxAgeOf(info: Pick<StreamInfo, 'config'>): number {
  return info.config.max_age / 1_000_000
}
