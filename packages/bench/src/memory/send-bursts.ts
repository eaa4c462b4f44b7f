import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@spawnpoint/stack'
import { startLoad } from '../ingest/load.ts'
import type { SignedRequests } from '../ingest/signed-requests.ts'

type Bursts = {
  port: number
  requests: SignedRequests
  /** How many to send in all. */
  count: number
  /** How many have gone all the way. */
  arrived: () => Promise<number>
  /** Ends it early. */
  isEnough: () => boolean
  signal: AbortSignal
}

const burst = 5_000
const connections = 64

/** Webhooks as fast as they are taken, then a pause until half of them have gone all the way; returns how many there were. */
export async function sendBursts({ count, isEnough, arrived, ...options }: Bursts): Promise<number> {
  let sent = 0
  while (sent < count && !isEnough()) {
    sent += await sendBurst(options)
    await untilArrived(arrived, sent - burst / 2)
  }
  await untilArrived(arrived, sent)
  return sent
}

async function sendBurst({ port, requests, signal }: Pick<Bursts, 'port' | 'requests' | 'signal'>) {
  requests.prepare(burst + connections)
  const load = await startLoad({ port, connections, requests })
  while (load.answers.length < burst) await delay(10, undefined, { signal })
  await load.stop()
  const refused = load.answers.find(({ status }) => status !== 200)
  if (refused) throw new Error(`A webhook was answered ${refused.status}`)
  return load.answers.length
}

function untilArrived(arrived: Bursts['arrived'], wanted: number): Promise<void> {
  return eventually(
    async () => {
      const count = await arrived()
      if (count < wanted) throw new Error(`Of ${wanted} webhooks ${count} have arrived`)
    },
    { timeoutMs: 120_000, everyMs: 50 },
  )
}
