import { setTimeout as delay } from 'node:timers/promises'
import { processorMs } from '../bench/processor-time.ts'
import { percentile } from '../bench/samples.ts'
import { startLoad } from './load.ts'
import type { Side } from './sides.ts'
import type { SignedRequests } from './signed-requests.ts'

export type Sample = {
  perSecond: number
  p50Ms: number
  p99Ms: number
  refused: number
  translatedPerSecond: number
  /** What each process computed for one event. */
  processorUs: Record<string, number>
}

type Options = {
  requests: SignedRequests
  connections: number
  seconds: number
}

/** Only what is answered 200 within the measured time counts, and all of it is stored. */
export async function takeSample(side: Side, { requests, connections, seconds }: Options): Promise<Sample> {
  requests.prepare(Math.ceil(seconds * Math.min(connections * mostPerConnection, mostPerSecond)))
  const pids = { ...side.pids, load: process.pid }
  const computed = processorMs(pids)
  const begun = performance.now()
  const load = await startLoad({ port: side.port, connections, requests })
  await delay(seconds * 1_000)
  const ended = performance.now()
  await load.stop()
  const computedNow = processorMs(pids)
  const taken = load.answers.filter(({ status }) => status === 200)
  const refused = load.answers.length - taken.length
  const { bodyBytes } = requests
  const { translated } = await side.settle({ events: taken.length, refused, bodyBytes })

  const tookMs = load.answers.map(({ sentAt, answeredAt }) => answeredAt - sentAt)
  const measuredSeconds = (ended - begun) / 1_000
  return {
    perSecond: taken.filter(({ answeredAt }) => answeredAt <= ended).length / measuredSeconds,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
    refused,
    translatedPerSecond: translated / measuredSeconds,
    processorUs: Object.fromEntries(
      Object.entries(computedNow).map(([name, ms]) => [
        name,
        ((ms - (computed[name] ?? 0)) * 1_000) / taken.length,
      ]),
    ),
  }
}

// More than any side takes. Were one to take more, the load would sign the rest while it is measured: slower, not wrong.
const mostPerConnection = 5_000
const mostPerSecond = 16_000
