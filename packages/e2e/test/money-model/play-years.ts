import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tableOfMoves } from './moves.ts'
import { play } from './play.ts'
import { reportFailure } from './report-failure.ts'
import { scenarios } from './scenario.ts'

/** A fixed one, so that no change fails by chance; each night takes another one. */
const baseSeed = Number(process.env.MONEY_MODEL_SEED ?? 406)
/** Of a failure that was reported: plays it alone. */
const path = process.env.MONEY_MODEL_PATH

/** So many years of this seed: two files play two seeds, each on a core of its own. */
export function testYears({ years, part, atMostMs }: { years: number; part: 0 | 1; atMostMs: number }): void {
  const numRuns = Number(process.env.MONEY_MODEL_RUNS ?? years)
  const seed = baseSeed + part
  test(
    `whoever has paid keeps the server, and nobody runs on unpaid: ${numRuns} years, MONEY_MODEL_SEED=${seed}`,
    async () => {
      const fair = fc.asyncProperty(scenarios(), async (scenario) => {
        expect((await play(scenario)).violations).toEqual([])
      })
      const result = await fc.check(fair, { numRuns, seed, ...(path ? { path } : {}) })
      if (tableOfMoves() !== '') console.log(tableOfMoves())
      if (result.failed) throw new Error(await reportFailure(result))
    },
    atMostMs,
  )
}
