import { owning } from '@spawnpoint/stack'
import { atLeast, type Benchmark, type BenchmarkOptions, type Measured } from '../bench/benchmark.ts'
import { interleave } from '../bench/interleave.ts'
import { median, ratios } from '../bench/samples.ts'
import { claim, consume, ingest, type Measure, relay } from './measures.ts'
import { loadOldRows } from './old-rows.ts'
import { openSide } from './side.ts'

/**
 * Two gateways and two provisioners, each pair on servers of its own, do the same work in turn. One pair finds two million old
 * rows of 300 bytes in its journal, as many in an outbox and in an inbox, and a hundred thousand old servers; the other nothing.
 */
export const growth: Benchmark = {
  name: 'growth',
  compares: 'with two million old rows in the journal, an outbox and an inbox / with none',
  run,
}

const measures: Record<string, Measure> = { ingest, relay, consume, claim }
const usualSeconds = 1.5
const repetitions = 4

async function run({ seconds, servers, print, signal }: BenchmarkOptions): Promise<Measured> {
  await using started = owning()
  const none = await openSide(servers, started, signal)
  const old = await openSide(servers, started, signal)
  const loaded = await loadOldRows(old)
  await old.untilWritten()
  print(`${loaded.rows} old rows in ${Math.round(loaded.seconds)} s`)

  const measured: Measured = { goals: [], samples: { 'loading old rows, s': [loaded.seconds] } }
  for (const [name, measure] of Object.entries(measures)) {
    const sample = { seconds: seconds ?? usualSeconds }
    for (const side of [none, old]) await measure(side, { ...sample, series: `${name}-warm` })
    const samples = await interleave(
      {
        old: (n) => measure(old, { ...sample, series: `${name}-${n}` }),
        none: (n) => measure(none, { ...sample, series: `${name}-${n}` }),
      },
      { repetitions, atMostSeconds: 30, signal },
    )
    const value = median(ratios(samples.old, samples.none))
    print(`${name}: ${value.toFixed(2)} of what it is without`)
    measured.goals.push(atLeast(0.9, { what: name, value, unit: '×' }))
    measured.samples[`${name} with old rows/s`] = samples.old
    measured.samples[`${name} without/s`] = samples.none
  }
  return measured
}
