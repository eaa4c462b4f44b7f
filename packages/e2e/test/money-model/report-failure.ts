import type { RunDetails } from 'fast-check'
import { play } from './play.ts'
import type { Story } from './scenario.ts'

/** A run that failed as a story: when, what happened at Stripe, what arrived, and what we decided. */
export async function tellFailure(result: RunDetails<[Story]>): Promise<string> {
  const { seed, counterexamplePath, counterexample, numShrinks, errorInstance } = result
  if (!counterexample) return `no story: ${String(errorInstance)}`
  const [story] = counterexample
  const { story: lines, violations } = await play(story, { tells: true })
  return [
    violations[0] ?? String(errorInstance),
    `seed ${seed}, path ${counterexamplePath}, shrunk ${numShrinks} times:`,
    JSON.stringify(story),
    ...lines.filter((line) => !line.includes('looks at all objects')),
  ].join('\n')
}
