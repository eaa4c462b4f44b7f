import type { ServerChoice } from './open-servers.ts'

export type Goal = {
  what: string
  value: number
  /** As people read it, such as `≥ 0.6`. */
  goal: string
  unit: string
  met: boolean
}

/** Each series in the order it was measured; values of one series have one unit, which stands in its name. */
export type Samples = Record<string, number[]>

export type Measured = { goals: Goal[]; samples: Samples }

export type BenchmarkOptions = {
  /** How long each sample is measured; null leaves it to the benchmark. */
  seconds: number | null
  servers: ServerChoice
  print: (line: string) => void
  signal: AbortSignal
}

export type Benchmark = {
  name: string
  /** What is held against what, in one line. */
  compares: string
  run(options: BenchmarkOptions): Promise<Measured>
}

export function atLeast(least: number, { what, value, unit }: Pick<Goal, 'what' | 'value' | 'unit'>): Goal {
  return { what, value, goal: `≥ ${least}`, unit, met: value >= least }
}

export function atMost(most: number, { what, value, unit }: Pick<Goal, 'what' | 'value' | 'unit'>): Goal {
  return { what, value, goal: `≤ ${most}`, unit, met: value <= most }
}
