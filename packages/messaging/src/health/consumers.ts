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
  const missingSince = new Map<string, number>()

  function missing({ name, stream }: Consumed): Finding | null {
    const since = missingSince.get(name) ?? performance.now()
    missingSince.set(name, since)
    const missingMs = performance.now() - since
    // It is made anew within ten seconds.
    if (missingMs < stalledAfterMs) return null
    return {
      problem: `The durable consumer ${name} of ${stream} has been missing for ${describeAge(missingMs / 1_000)}: nothing of that stream is processed`,
      mend: "see this service's log (The consumer cannot be checked); restart the service, with the NATS user of infra/nats",
    }
  }

  async function findingOf(consumer: Consumed): Promise<Finding | null> {
    const info = await infoOf(nats, consumer)
    if (info === 'no consumer') return missing(consumer)
    missingSince.delete(consumer.name)
    return info === 'no stream' ? null : await stalled(nats, { consumer, info, stalledAfterMs })
  }

  return {
    find: async () => {
      // NATS has a check of its own.
      if (!nats.isConnected()) return null
      for (const consumer of consumers) {
        const finding = await findingOf(consumer)
        if (finding) return finding
      }
      return null
    },
    mend: 'see whether JetStream answers: nats stream ls, and the log of nats-server; restart it where it does not',
  }
}

async function stalled(
  nats: Nats,
  { consumer, info, stalledAfterMs }: { consumer: Consumed; info: ConsumerInfo; stalledAfterMs: number },
): Promise<Finding | null> {
  if (unreadOf(info) === 0) return null
  const oldest = await oldestUnread(nats, consumer.stream, info)
  if (!oldest) return null
  const ageMs = Date.now() - oldest.at
  if (ageMs < stalledAfterMs) return null
  return {
    problem: `${unreadOf(info)} of ${consumer.stream}'s events wait for ${consumer.name}: ${oldest.subject} has waited for ${describeAge(ageMs / 1_000)}`,
    mend: isPaused(info)
      ? `nats consumer resume ${consumer.stream} ${consumer.name}`
      : "see why in this service's log (An event failed, Retrying batch) and correct it: it goes on by itself; restart the service where nothing is logged",
  }
}

// JSStreamNotFoundErr of nats-server's errors.json: the service that fills it makes it.
const streamNotFound = 10059

async function infoOf(
  nats: Nats,
  { name, stream }: Consumed,
): Promise<ConsumerInfo | 'no stream' | 'no consumer'> {
  try {
    return await (await streamManager(nats)).consumers.info(stream, name)
  } catch (error) {
    if (isMissing(error))
      return (error as NatsError).api_error?.err_code === streamNotFound ? 'no stream' : 'no consumer'
    const code = error instanceof NatsError ? ` (${error.code})` : ''
    throw new Error(`JetStream does not answer about ${name}${code}`, { cause: error })
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
