import { owning } from '@spawnpoint/stack'
import {
  atLeast,
  atMost,
  type Benchmark,
  type BenchmarkOptions,
  type Measured,
  type Samples,
} from '../bench/benchmark.ts'
import { interleave } from '../bench/interleave.ts'
import { openStack } from '../bench/open-stack.ts'
import { median, ratios } from '../bench/samples.ts'
import { costsOf, seriesOf } from './series.ts'
import { startAnswerOnly, startSides } from './sides.ts'
import { signedRequests } from './signed-requests.ts'
import { type Sample, takeSample } from './take-sample.ts'

export const ingest: Benchmark = {
  name: 'ingest',
  compares:
    'signed webhooks until a durable 200: ours, a bare server that only verifies, one Prisma transaction each',
  run,
}

const repetitions = 3
const usualSeconds = 2.5
const warmUpSeconds = 2

const cells = [1, 64, 256].flatMap((connections) =>
  (['ours', 'ceiling', 'per-event'] as const).map((side) => ({ side, connections })),
)
type Cell = (typeof cells)[number]

/**
 * Ours is the gateway's process with all it does: while it stores, it also translates and publishes what it has stored. The
 * bare servers have nothing behind them, so the services that consume the gateway's events are stopped: they are `pipeline`.
 */
async function run({ seconds, servers, print, signal }: BenchmarkOptions): Promise<Measured> {
  await using started = owning()
  const open = await openStack(servers, started)
  const { services, stripe } = open.stack
  if (!stripe) throw new Error('The webhooks are signed with the secret of the simulated Stripe')
  await Promise.all([services.order.stop(), services.provisioner.stop()])
  const requests = signedRequests(stripe.webhookSecret)
  const sides = await startSides(open, started)
  const answerOnly = await startAnswerOnly(open, started)

  print('warming up')
  const usual = { requests, connections: 64, seconds: warmUpSeconds }
  for (const side of [sides.ours, sides.ceiling, sides['per-event']]) await takeSample(side, usual)
  const loadAlone = await takeSample(answerOnly, usual)

  const takeFrom = async ({ side, connections }: Cell) => {
    const sample = await takeSample(sides[side], { ...usual, connections, seconds: seconds ?? usualSeconds })
    const { perSecond, p99Ms } = sample
    print(`${named(side, connections)}: ${Math.round(perSecond)} events/s, p99 ${p99Ms.toFixed(1)} ms`)
    return sample
  }
  const samples = await interleave(
    Object.fromEntries(cells.map((cell) => [named(cell.side, cell.connections), () => takeFrom(cell)])),
    { repetitions, atMostSeconds: 110, signal },
  )
  const series = allSeries(samples)
  return {
    goals: goalsOf(series),
    samples: { ...series, 'load against answers alone, 64 connections, requests/s': [loadAlone.perSecond] },
  }
}

function named(side: Cell['side'], connections: number): string {
  return `${side}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
}

function allSeries(samples: Record<string, Sample[]>): Samples {
  return Object.fromEntries(
    cells.flatMap(({ side, connections }) => {
      const cell = named(side, connections)
      const taken = samples[cell] ?? []
      return Object.entries({ ...seriesOf(cell, taken), ...(connections === 64 ? costsOf(cell, taken) : {}) })
    }),
  )
}

function goalsOf(series: Samples): Measured['goals'] {
  const at64 = (side: Cell['side'], figure: string) => series[`${named(side, 64)}, ${figure}`] ?? []
  const times = (side: Cell['side']) => median(ratios(at64('ours', 'events/s'), at64(side, 'events/s')))
  return [
    atLeast(0.6, { what: 'of the verify-only ceiling, 64 connections', value: times('ceiling'), unit: '×' }),
    atLeast(10, { what: 'one transaction per event, 64 connections', value: times('per-event'), unit: '×' }),
    atMost(60, { what: 'p99, 64 connections', value: median(at64('ours', 'p99 ms')), unit: 'ms' }),
  ]
}
