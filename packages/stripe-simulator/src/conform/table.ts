import type { Comparison } from './compare.ts'

/** What people read: a line for each scenario, and under it what differs. */
export function tableOf(comparisons: readonly Comparison[]): string {
  const width = Math.max(...comparisons.map(({ scenario }) => scenario.length))
  const lines = comparisons.flatMap(({ scenario, compared, differences }) => [
    `${differences.length === 0 ? '✔' : '✘'} ${scenario.padEnd(width)}  ${compared - differences.length} of ${compared} agree`,
    ...differences.flatMap(({ what, stripe, simulator }) => [
      `    ${what}`,
      `      Stripe     ${stripe ?? '(nothing)'}`,
      `      simulator  ${simulator ?? '(nothing)'}`,
    ]),
  ])
  return `${lines.join('\n')}\n`
}

export function resultOf(comparisons: readonly Comparison[]) {
  const differing = comparisons.filter(({ differences }) => differences.length > 0)
  return {
    scenarios: comparisons.length,
    agreeing: comparisons.length - differing.length,
    compared: comparisons.reduce((sum, { compared }) => sum + compared, 0),
    differences: differing.flatMap(({ scenario, differences }) =>
      differences.map((difference) => ({ scenario, ...difference })),
    ),
  }
}
