import { owning } from '@spawnpoint/stack'
import { atMost, type Benchmark } from '../bench/benchmark.ts'
import { interleave } from '../bench/interleave.ts'
import { median, percentile } from '../bench/samples.ts'
import { registerCatalogue, roomyNodes } from '../sale-path/catalogue.ts'
import { openSalePath } from '../sale-path/open-sale-path.ts'
import { type ProcessorTime, processorSeries, watchProcessorTime } from '../sale-path/processor-time.ts'
import { openFloor } from './floor.ts'
import { hopSeries, type Passage, totalMs } from './hops.ts'
import { openOffer } from './offer.ts'

const repetitions = 3
const perSecond = 20
const portsEach = 80
const warmUp = 100

/**
 * Ours: signed webhooks sent to the gateway, each of a new buyer, until the bench's own consumer of SERVER is handed
 * `server.provisioned`. The floor: what one order commits, publishes and asks of the panel on this sale path, in that order and
 * one after the other, by this process alone; see `floor.ts`. Both are offered 20 orders a second, take turns on the same
 * servers, and meet the same panel: it has installed a server before it answers that it is created, and its pauses, which
 * are there to provoke races, are as short as they can be.
 */
export const latency: Benchmark = {
  name: 'latency',
  compares:
    'webhook sent → `server.provisioned` on the stream, 20 orders/s: ours / its commits, publishes and panel calls, bare',
  async run({ seconds, servers, print, signal }) {
    await using started = owning()
    const orders = Math.ceil((seconds ?? 5) * perSecond)
    const nodes = Math.ceil((1.5 * (warmUp + repetitions * orders)) / portsEach)
    const salePath = await openSalePath(servers, started, {
      panel: {
        setup: roomyNodes({ nodes: 2 * nodes, portsEach }),
        rateLimitPerMinute: null,
        install: { mode: 'at-once' },
        random: () => 0,
      },
    })
    const ofOurs = Array.from({ length: nodes }, (_, index) => index + 1)
    await registerCatalogue(salePath.stack, ofOurs)
    const offer = await openOffer(salePath, { started, signal })
    await offer.send({ orders: warmUp, perSecond })
    const floor = await openFloor(salePath, { started, nodes: ofOurs.map((node) => node + nodes), signal })
    await floor.run({ orders: warmUp / 2, perSecond })
    print(`warm after ${warmUp} orders`)
    const passages: Passage[][] = []
    const processor: ProcessorTime[] = []
    const { ours, bare } = await interleave(
      {
        ours: async () => {
          const processorTime = watchProcessorTime(salePath)
          const sent = await offer.send({ orders, perSecond })
          processor.push(processorTime(orders))
          passages.push(sent)
          return sent.map(totalMs)
        },
        bare: () => floor.run({ orders: Math.ceil(orders / 2), perSecond }),
      },
      { repetitions, atMostSeconds: 60, signal },
    )
    await offer.verify()
    const all = ours.flat()
    return {
      goals: [
        atMost(25, { what: 'p50', value: median(all), unit: 'ms' }),
        atMost(4, { what: 'p50 / floor p50', value: median(all) / median(bare.flat()), unit: '×' }),
        atMost(100, { what: 'p99', value: percentile(all, 99), unit: 'ms' }),
      ],
      samples: {
        'p50 (ms)': ours.map(median),
        'p95 (ms)': ours.map((ms) => percentile(ms, 95)),
        'p99 (ms)': ours.map((ms) => percentile(ms, 99)),
        'floor p50 (ms)': bare.map(median),
        'floor p99 (ms)': bare.map((ms) => percentile(ms, 99)),
        ...hopSeries(passages),
        ...processorSeries('ours', processor),
      },
    }
  },
}
