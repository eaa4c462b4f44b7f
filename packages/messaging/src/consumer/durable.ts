import type { StreamName } from '@spawnpoint/contracts'
import type { Logger } from '@spawnpoint/service-kit'
import { AckPolicy, type ConsumerConfig, type ConsumerInfo, DeliverPolicy, nanos } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { findStream, isMissing, streamManager } from '../connection/streams.ts'

export type DurableOptions = { nats: Nats; stream: StreamName; name: string; timeScale: number; log: Logger }

const maxAckPending = 512

/** Below two seconds a busy machine alone has messages delivered twice. */
export function ackWaitMs(timeScale: number): number {
  return Math.max(2_000, 6_000 * timeScale)
}

/**
 * The durable as we want it: made where it is missing, repaired where somebody changed it by hand, made anew where it is ahead
 * of its stream, which lost its end and would fill the same sequences with other messages that this durable takes for acknowledged.
 * Undefined while there is no stream: the service that fills it makes it.
 */
export async function ensureDurable(
  options: DurableOptions,
): Promise<{ info: ConsumerInfo; anew: boolean } | undefined> {
  const { nats, stream, name, log } = options
  const wanted = wantedConfig(options)
  const { consumers } = await streamManager(nats)
  const found = await consumers.info(stream, name).catch((error) => {
    if (isMissing(error)) return undefined
    throw error
  })
  // Read after the durable's: what is published meanwhile must not make it seem ahead.
  const state = (await findStream(nats, stream))?.state
  if (!state) return undefined
  if (found && found.delivered.stream_seq > state.last_seq) {
    log.warn(
      { consumer: name, delivered: found.delivered.stream_seq, lastSeq: state.last_seq },
      'The stream has lost its end; consuming it from the beginning',
    )
    await consumers.delete(stream, name)
    return { info: await consumers.add(stream, wanted), anew: true }
  }
  if (!found) return { info: await consumers.add(stream, wanted), anew: true }
  const changed = drift(wanted, found.config)
  if (changed.length === 0) return { info: found, anew: false }
  log.warn({ consumer: name, changed }, 'The durable was changed; resetting it')
  return { info: await repair(options, found), anew: false }
}

async function repair({ nats, stream, name, ...rest }: DurableOptions, found: ConsumerInfo) {
  const { consumers } = await streamManager(nats)
  const config = { ...found.config, ...wantedConfig({ nats, stream, name, ...rest }) }
  for (const field of unwanted) delete config[field]
  try {
    return await consumers.update(stream, name, config)
  } catch (error) {
    rest.log.warn({ err: error, consumer: name }, 'The durable cannot be reset; recreating it')
    await consumers.delete(stream, name)
    return await consumers.add(stream, wantedConfig({ nats, stream, name, ...rest }))
  }
}

// Each of these makes messages wait, be given up or be kept from us.
const unwanted = ['backoff', 'filter_subject', 'filter_subjects'] as const

/** What differs from the wanted configuration, in words. */
function drift(wanted: Partial<ConsumerConfig>, found: ConsumerConfig): string[] {
  const fields = ['ack_policy', 'deliver_policy', 'ack_wait', 'max_deliver', 'max_ack_pending'] as const
  return [
    ...fields
      .filter((field) => found[field] !== wanted[field])
      .map((field) => `${field}: ${found[field]} instead of ${wanted[field]}`),
    ...unwanted
      .filter((field) => found[field] !== undefined && found[field]?.length !== 0)
      .map((field) => `${field}: ${found[field]} instead of none`),
  ]
}

function wantedConfig({ name, timeScale }: DurableOptions): Partial<ConsumerConfig> {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ackWaitMs(timeScale)),
    max_deliver: -1,
    max_ack_pending: maxAckPending,
  }
}
