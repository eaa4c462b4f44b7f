import { setTimeout as delay } from 'node:timers/promises'
import { owning } from '@spawnpoint/stack'
import type { Benchmark, BenchmarkOptions, Measured } from '../bench/benchmark.ts'
import { openStack } from '../bench/open-stack.ts'
import { startLoad } from '../ingest/load.ts'
import { signedRequests } from '../ingest/signed-requests.ts'
import { openDatabase } from '../testbed/database.ts'
import { measureOutage, type Passage, recoveryMs } from './measure-outage.ts'
import { outages } from './outages.ts'
import { watchRss } from './watch-rss.ts'

export const outage: Benchmark = {
  name: 'outage',
  compares:
    'webhooks over 64 connections before and after the database is frozen, and then shut down, for 5 s',
  run,
}

const usualSeconds = 3
// A process that was idle grows to its usual size under load, outage or not.
const warmUpMs = 6_000

/** One load throughout, on a database of our own: a given one is not ours to stop. */
async function run({ seconds, servers, print, signal }: BenchmarkOptions): Promise<Measured> {
  await using started = owning()
  const { stack, ownMysql: mysql } = await openStack({ ...servers, mysqlUrl: null }, started)
  const { services, databases, stripe } = stack
  if (!stripe || !mysql) throw new Error('Stripe must be simulated and the database our own')
  await Promise.all([services.order.stop(), services.provisioner.stop()])
  const gateway = services['billing-gateway']
  const requests = signedRequests(stripe.webhookSecret)
  const rss = started.own(watchRss(gateway.rssMb))
  // A refused sender waits a moment, as any does: else most of the load would be refusals.
  const load = started.own(await startLoad({ port: gateway.port, connections: 64, requests, pauseMs: 20 }))

  await delay(warmUpMs, undefined, { signal })
  const measuredMs = 1_000 * (seconds ?? usualSeconds)
  const passages: Passage[] = []
  for (const [name, happen] of Object.entries(outages)) {
    await delay(measuredMs, undefined, { signal })
    const brokeAt = performance.now()
    print(`the database is ${name}`)
    await happen(mysql, signal)
    const backAt = performance.now()
    print('it is back')
    await delay(recoveryMs + measuredMs, undefined, { signal })
    passages.push({ name, beganAt: brokeAt - measuredMs, brokeAt, backAt, endedAt: performance.now() })
  }
  await load.stop()
  const database = started.own(await openDatabase(databases.billing))
  const rows = await database.query<{ event_id: string }>('SELECT event_id FROM stripe_event')
  const stored = new Set(rows.map(({ event_id }) => event_id))
  return measureOutage({ answers: load.answers, stored, passages, rss })
}
