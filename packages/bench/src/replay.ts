import { callService, eventually, owning, type Stack } from '@spawnpoint/stack'
import { atLeast, type Benchmark } from './bench/benchmark.ts'
import { interleave } from './bench/interleave.ts'
import { openStack } from './bench/open-stack.ts'
import { median, ratios } from './bench/samples.ts'
import { registerCatalogue } from './sale-path/catalogue.ts'
import { openDatabase } from './testbed/database.ts'
import { payments } from './testbed/events.ts'
import { leaveOnly } from './testbed/leave-only.ts'
import { untilRelayed } from './testbed/outbox.ts'
import { messageOf, openStream } from './testbed/stream.ts'

const count = 15_000

/**
 * Both sides read the same stream of payments, all of which the order service has processed before, each in one Node process. Ours
 * is a dry run of a replay there, from the request's row to its last word: each event is checked against its schema and the
 * inbox, which shows that it was decided, and is counted and noted. The other takes each message from the client and parses it.
 */
export const replay: Benchmark = {
  name: 'replay',
  compares: 'events of a dry run / bare consume of the same stream',
  async run({ servers, print, signal }) {
    await using started = owning()
    const { stack, nats } = await openStack(servers, started)
    await registerCatalogue(stack, [1])
    await leaveOnly(['order'], stack)
    const database = started.own(await openDatabase(stack.databases.orders))
    const stream = started.own(await openStream(nats.url, { name: 'BILLING', signal }))

    print(`${count} payments are processed first`)
    await stream.publish(payments('replayed', count).map(messageOf))
    await stream.untilAcknowledged('order-billing')
    await untilRelayed(database)

    const bare = async () => {
      const begun = performance.now()
      await stream.read(count)
      return (1_000 * count) / (performance.now() - begun)
    }
    const dryRun = async () => (1_000 * count) / (await dryRunMs(stack))
    await bare()
    await dryRun()
    const samples = await interleave({ dryRun, bare }, { repetitions: 5, atMostSeconds: 30, signal })
    return {
      goals: [
        atLeast(0.5, {
          what: 'of bare consume',
          value: median(ratios(samples.dryRun, samples.bare)),
          unit: '×',
        }),
      ],
      samples: { 'dry run/s': samples.dryRun, 'bare/s': samples.bare },
    }
  },
}

type Seen = {
  id: string
  state: string
  counts: Record<string, number>
  created_at: string
  updated_at: string
}

/** By the service's own word of when it began and ended: whoever asks too often would slow it down. */
async function dryRunMs({ services, apiKey }: Stack): Promise<number> {
  const replays = `${services.order.url}/admin/replays`
  const body = { stream: 'BILLING', dry_run: true }
  const { id } = (await callService(replays, { method: 'POST', body, apiKey })) as Seen
  const ended = await eventually(async () => {
    const seen = (await callService(`${replays}/${id}`, { apiKey })) as Seen
    if (seen.state === 'running') throw new Error('The dry run does not end')
    return seen
  }, patience)
  if (ended.state !== 'done' || ended.counts.skipped !== count)
    throw new Error(`The dry run is ${ended.state} and counted ${JSON.stringify(ended.counts)}`)
  return Date.parse(ended.updated_at) - Date.parse(ended.created_at)
}

const patience = { timeoutMs: 120_000, everyMs: 100 }
