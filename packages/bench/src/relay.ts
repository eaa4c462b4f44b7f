import { owning } from '@spawnpoint/stack'
import { atLeast, type Benchmark } from './bench/benchmark.ts'
import { interleave } from './bench/interleave.ts'
import { openStack } from './bench/open-stack.ts'
import { median, ratios } from './bench/samples.ts'
import { openDatabase } from './testbed/database.ts'
import { paidOrders } from './testbed/events.ts'
import { leaveOnly } from './testbed/leave-only.ts'
import { fillOutbox, untilRelayed } from './testbed/outbox.ts'
import { messageOf, openStream } from './testbed/stream.ts'

/**
 * Both sides put the same kind of event, a paid order of about a kilobyte, into the same stream of the same server, each from one
 * Node process. Ours is the order service with a full outbox: from the commit that fills it until its last row is marked. The
 * other publishes from memory, 256 in flight, each with its message id, and neither reads nor writes anything down.
 */
export const relay: Benchmark = {
  name: 'relay',
  compares: 'outbox rows published and marked / bare pipelined publish',
  async run({ seconds, servers, print, signal }) {
    await using started = owning()
    const { stack, nats } = await openStack(servers, started)
    await leaveOnly(['order'], stack)
    const database = started.own(await openDatabase(stack.databases.orders))
    const stream = started.own(await openStream(nats.url, { name: 'ORDER', signal }))

    async function ours(series: string, count: number): Promise<number> {
      const before = await stream.length()
      const begun = await fillOutbox(database, paidOrders(series, count))
      stream.call('relay.wake.ORDER')
      const ended = await untilRelayed(database)
      await requireGrowth(before, count)
      return (1_000 * count) / (ended.getTime() - begun.getTime())
    }

    async function bare(series: string, count: number): Promise<number> {
      const messages = paidOrders(series, count).map(messageOf)
      const before = await stream.length()
      const begun = performance.now()
      await stream.publish(messages)
      const tookMs = performance.now() - begun
      await requireGrowth(before, count)
      return (1_000 * count) / tookMs
    }

    async function requireGrowth(before: number, count: number): Promise<void> {
      const grown = (await stream.length()) - before
      if (grown !== count) throw new Error(`The stream has ${grown} new messages instead of ${count}`)
    }

    await bare('warm-bare', 2_000)
    const rate = await ours('warm-ours', 4_000)
    const count = Math.round(rate * (seconds ?? 2))
    print(`${count} events in each sample`)
    const samples = await interleave(
      { ours: (n) => ours(`ours-${n}`, count), bare: (n) => bare(`bare-${n}`, count) },
      { repetitions: 5, atMostSeconds: 40, signal },
    )
    return {
      goals: [
        atLeast(0.7, {
          what: 'of bare publish',
          value: median(ratios(samples.ours, samples.bare)),
          unit: '×',
        }),
      ],
      samples: { 'relayed/s': samples.ours, 'bare/s': samples.bare },
    }
  },
}
