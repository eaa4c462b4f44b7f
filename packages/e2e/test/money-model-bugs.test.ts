import fc from 'fast-check'
import { expect, test } from 'vitest'
import { play } from './money-model/play.ts'
import type { Mutant } from './money-model/product.ts'
import { scenarios } from './money-model/scenario.ts'

const atMostMs = 900_000

/** Each of these rules is left out once; the scenarios that find it are of the kind that the rule is for, and of a seed that soon does. */
const mutants: [Mutant, number, Parameters<typeof scenarios>[0]][] = [
  ['first-page-only', 4, { only: ['crowd-invoice', 'flip-plan', 'card'] }],
  ['total-instead-of-collected', 3, { only: ['credit', 'refund'], faults: false }],
  ['no-second-check', 1, { only: ['card', 'pay-invoice'], catchUp: false }],
  ['exact-replacements-only', 1, { only: ['replace'], faults: false }],
  ['newest-invoice-only', 1, { only: ['collect-by', 'pay-invoice'], faults: false }],
  ['no-invoices-of-changes', 1, { only: ['upgrade'], faults: false }],
]

test.each(mutants)(
  'the model finds the bug: %s',
  async (mutant, seed, kind) => {
    // A scenario that ends badly without the bug too proves nothing about it.
    const goesUnnoticed = fc.asyncProperty(scenarios(kind), async (scenario) => {
      const { violations } = await play(scenario, { mutant })
      return violations.length === 0 || (await play(scenario)).violations.length > 0
    })
    const result = await fc.check(goesUnnoticed, { numRuns: 600, seed, endOnFailure: true })
    expect(result.failed).toBe(true)
  },
  atMostMs,
)
