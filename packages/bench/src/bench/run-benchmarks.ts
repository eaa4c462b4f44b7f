import type { Benchmark, BenchmarkOptions, Measured } from './benchmark.ts'
import type { Machine } from './machine.ts'

export type Result = { name: string } & Measured & { machine: Machine }

/** One after the other, each result as soon as it is there. One that cannot be measured does not keep the others from it. */
export async function* runBenchmarks(
  chosen: Benchmark[],
  machine: Machine,
  options: BenchmarkOptions,
): AsyncGenerator<Result | { name: string; error: unknown }> {
  for (const { name, compares, run } of chosen) {
    options.print(`${name}: ${compares}`)
    const print = (line: string) => options.print(`  ${line}`)
    const begun = performance.now()
    try {
      const measured = await run({ ...options, print })
      print(`took ${Math.round((performance.now() - begun) / 1_000)} s`)
      yield { name, ...measured, machine }
    } catch (error) {
      if (options.signal.aborted) throw error
      yield { name, error }
    }
  }
}
