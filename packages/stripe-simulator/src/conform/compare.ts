import type Stripe from 'stripe'
import { createStripeAccount } from '../index.ts'
import { type Observation, observe } from './observe.ts'
import type { Scenario } from './scenario.ts'
import { changes } from './scenarios/changes.ts'
import { pauses } from './scenarios/pauses.ts'
import { renewals } from './scenarios/renewals.ts'

export const scenarios: readonly Scenario[] = [...renewals, ...changes, ...pauses]

type Difference = { what: string; stripe: string | null; simulator: string | null }
export type Comparison = { scenario: string; compared: number; differences: Difference[] }

/** One scenario in a Stripe that is given and in a simulated one of its own, at the same time of the year. */
export async function compareScenario(stripe: Stripe, scenario: Scenario, at: number): Promise<Comparison> {
  const { observation: expected, start } = await observe(stripe, scenario, at)
  const simulated = createStripeAccount({ now: () => start * 1000 })
  const { observation: found } = await observe(simulated.client(), scenario, start)
  return { scenario: scenario.name, ...compare(expected, found) }
}

function compare(stripe: Observation, simulator: Observation): Omit<Comparison, 'scenario'> {
  const names = [...new Set([...Object.keys(stripe), ...Object.keys(simulator)])]
  const differences = names
    .filter((what) => stripe[what] !== simulator[what])
    .map((what) => ({ what, stripe: stripe[what] ?? null, simulator: simulator[what] ?? null }))
  return { compared: names.length, differences }
}
