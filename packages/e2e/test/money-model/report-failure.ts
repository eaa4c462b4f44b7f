import type { RunDetails } from 'fast-check'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'

/** A run that failed as a scenario: when, what happened at Stripe, what arrived, and what we decided. */
export async function reportFailure(result: RunDetails<[Scenario]>): Promise<string> {
  const { seed, counterexamplePath, counterexample, numShrinks, errorInstance } = result
  if (!counterexample) return `no scenario: ${String(errorInstance)}`
  const [scenario] = counterexample
  const { report: lines, violations } = await play(scenario, { withReport: true })
  return [
    violations[0] ?? String(errorInstance),
    `seed ${seed}, path ${counterexamplePath}, shrunk ${numShrinks} times:`,
    JSON.stringify(scenario),
    ...lines.filter((line) => !line.includes('looks at all objects')),
  ].join('\n')
}
