export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** The smallest value that at least `percent` of all values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort()
  const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]
  if (value === undefined) throw new Error('There is no percentile of no values')
  return value
}

export function spread(values: readonly number[]): { least: number; most: number } {
  return { least: percentile(values, 0), most: percentile(values, 100) }
}

/** Pairs what was measured one right after the other, so that a slow moment of the machine weighs on both. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  if (ours.length !== theirs.length) throw new Error('Only as many of ours as of theirs make ratios')
  return ours.map((value, index) => value / (theirs[index] ?? Number.NaN))
}
