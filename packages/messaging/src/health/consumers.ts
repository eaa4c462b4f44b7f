import type { StreamName } from '@spawnpoint/contracts'
import type { Check, Finding } from '@spawnpoint/service-kit'
import { type ConsumerInfo, NatsError } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { isMissing, storedMessage, streamManager } from '../connection/streams.ts'
import { describeAge } from './age.ts'

export type Consumed = { name: string; stream: StreamName }
type Options = { nats: Nats; consumers: readonly Consumed[]; stalledAfterMs: number }

/** Whether what other services published is processed here. */
export function watchConsumers({ nats, consumers, stalledAfterMs }: Options): Check {
  return {
    find: async () => {
      // NATS has a check of its own.
      if (!nats.isConnected()) return null
      for (const consumer of consumers) {
        const finding = await stalled(nats, consumer, stalledAfterMs)
        if (finding) return finding
      }
      return null
    },
    mend: 'see whether JetStream answers: nats stream ls, and the log of nats-server; restart it where it does not',
  }
}

async function stalled(nats: Nats, consumer: Consumed, stalledAfterMs: number): Promise<Finding | null> {
  const info = await infoOf(nats, consumer)
  // Made with the stream, or anew within seconds.
  if (info === null || unreadOf(info) === 0) return null
  const oldest = await oldestUnread(nats, consumer.stream, info)
  if (!oldest) return null
  const ageMs = Date.now() - oldest.at
  if (ageMs < stalledAfterMs) return null
  return {
    problem: `${unreadOf(info)} of ${consumer.stream}'s events wait for ${consumer.name}: ${oldest.subject} has waited for ${describeAge(ageMs / 1_000)}`,
    mend: isPaused(info)
      ? `nats consumer resume ${consumer.stream} ${consumer.name}`
      : `see why in this service's log (An event failed, Retrying batch) and correct it: it goes on by itself; restart the service where nothing is logged`,
  }
}

async function infoOf(nats: Nats, { name, stream }: Consumed): Promise<ConsumerInfo | null> {
  try {
    return await (await streamManager(nats)).consumers.info(stream, name)
  } catch (error) {
    if (isMissing(error)) return null
    throw new Error(
      `JetStream does not answer about ${name}${error instanceof NatsError ? ` (${error.code})` : ''}`,
      {
        cause: error,
      },
    )
  }
}

function unreadOf({ num_pending, num_ack_pending }: ConsumerInfo): number {
  return num_pending + num_ack_pending
}

// The first that is not acknowledged; where it was removed, what comes next is younger and shows in time.
async function oldestUnread(nats: Nats, stream: StreamName, { ack_floor }: ConsumerInfo) {
  const message = await storedMessage(nats, stream, ack_floor.stream_seq + 1)
  return message && { subject: message.subject, at: message.time.getTime() }
}

// nats-server 2.11 and newer.
function isPaused(info: ConsumerInfo): boolean {
  return (info as { paused?: boolean }).paused === true
}
