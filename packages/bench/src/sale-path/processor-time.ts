import type { Samples } from '../bench/benchmark.ts'
import { processorMs } from '../bench/processor-time.ts'
import type { SalePath } from './open-sale-path.ts'

/** Of each process, in ms. */
export type ProcessorTime = Record<string, number>

/** What each process computes for one order, from now until it is asked after so many; nothing where there is no /proc. */
export function watchProcessorTime({ stack, ownMysql }: SalePath): (orders: number) => ProcessorTime {
  const pids: Record<string, number> = Object.fromEntries(
    Object.values(stack.services).map(({ name, pid }) => [name, pid()]),
  )
  if (ownMysql) pids.MySQL = ownMysql.pid()
  pids.bench = process.pid
  const begun = processorMs(pids)
  return (orders) => {
    const used = processorMs(pids)
    return Object.fromEntries(
      Object.keys(used).map((name) => [name, ((used[name] ?? 0) - (begun[name] ?? 0)) / orders]),
    )
  }
}

export function processorSeries(side: string, samples: ProcessorTime[]): Samples {
  return Object.fromEntries(
    Object.keys(samples[0] ?? {}).map((name) => [
      `${side}: ${name} (processor ms an order)`,
      samples.map((used) => used[name] ?? 0),
    ]),
  )
}
