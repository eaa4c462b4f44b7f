import type { Samples } from '../bench/benchmark.ts'
import type { Sample } from './take-sample.ts'

/** What people look at of one side at one number of connections. */
export function seriesOf(cell: string, taken: Sample[]): Samples {
  return {
    [`${cell}, events/s`]: taken.map(({ perSecond }) => perSecond),
    [`${cell}, p50 ms`]: taken.map(({ p50Ms }) => p50Ms),
    [`${cell}, p99 ms`]: taken.map(({ p99Ms }) => p99Ms),
    ...unlessAllZero(
      `${cell}, refused, events`,
      taken.map(({ refused }) => refused),
    ),
  }
}

/** Where the time goes. */
export function costsOf(cell: string, taken: Sample[]): Samples {
  const processes = Object.keys(taken[0]?.processorUs ?? {})
  return {
    ...unlessAllZero(
      `${cell}, translated meanwhile, events/s`,
      taken.map(({ translatedPerSecond }) => translatedPerSecond),
    ),
    ...Object.fromEntries(
      processes.map((name) => [
        `${cell}, ${name}, processor µs an event`,
        taken.map(({ processorUs }) => processorUs[name] ?? 0),
      ]),
    ),
  }
}

function unlessAllZero(series: string, values: number[]): Samples {
  return values.some((value) => value !== 0) ? { [series]: values } : {}
}
