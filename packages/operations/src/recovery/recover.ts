import { setTimeout as delay } from 'node:timers/promises'
import { type Nats, openLease } from '@spawnpoint/messaging'
import type { Tables } from '../tables.ts'
import { recoverConsumed } from './recover-consumed.ts'
import type { RecoverOptions } from './recover-options.ts'
import { recoverPublished } from './recover-published.ts'

export type Recovered = {
  /** Events of our own stream: read, and published since the backup was made. */
  own: { read: number; restored: number }
  /** Of each consumed stream: read, and decided for the first time since the backup. */
  heard: Record<string, { read: number; decided: number; dead: number }>
}

/**
 * Brings a database that was restored from a backup up to date, with the service stopped. It first reads what the service
 * already published, so that nothing is published twice or differently, then what it had consumed.
 */
export async function recover<Tx extends Tables>(options: RecoverOptions<Tx>): Promise<Recovered> {
  const { prisma, nats } = options
  await connected(nats)
  // A replica that still runs holds the lease, and would publish and decide from rows that are about to change.
  const lease = openLease(prisma, 'relay')
  const stillAlone = async () => {
    if (!(await lease.hold()))
      throw new Error(
        'The service still runs somewhere: stop every replica, wait a few seconds, recover again',
      )
  }
  await stillAlone()
  try {
    const own = await recoverPublished(options, stillAlone)
    const heard: Recovered['heard'] = {}
    for (const consumer of options.consumers)
      heard[consumer.stream] = await recoverConsumed(options, consumer, { causes: own.causes, stillAlone })
    return { own: { read: own.read, restored: own.restored }, heard }
  } finally {
    await lease.release()
  }
}

export function describeRecovered({ own, heard }: Recovered): string {
  const streams = Object.entries(heard).map(
    ([stream, { read, decided, dead }]) =>
      `${stream}: ${read} read, ${decided} decided${dead > 0 ? `, ${dead} of them dead letters` : ''}`,
  )
  return [
    `own events: ${own.read} read, ${own.restored} of them published since the backup`,
    ...streams,
  ].join('\n')
}

async function connected(nats: Nats): Promise<void> {
  const late = delay(10_000, 'late', { ref: false })
  if ((await Promise.race([nats.connection(), late])) === 'late')
    throw new Error('NATS does not answer: recovery reads its streams. Is NATS_URL right?')
}
