import { expect, test } from 'vitest'
import { compareScenario, scenarios } from '../src/conform/compare.ts'
import { resultOf, tableOf } from '../src/conform/table.ts'
import { createStripeAccount } from '../src/index.ts'

const start = Date.parse('2026-04-01T00:00:00Z') / 1000
const openStripe = () => createStripeAccount({ now: () => start * 1000 })

test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
  'the simulator agrees with itself: %s',
  async (_, scenario) => {
    const comparison = await compareScenario(openStripe().client(), scenario, start)
    expect(comparison.differences).toEqual([])
    expect(comparison.compared).toBeGreaterThan(15)
  },
)

test('a Stripe that behaves otherwise is reported with both values', async () => {
  const other = openStripe()
  other.addWebhookFault({ when: { type: 'invoice.finalized' }, do: { kind: 'ungenerated' } })
  other.setBilling({ finalize_after_seconds: 86_400 })
  const [renewal] = scenarios.filter(({ name }) => name === 'renewal')
  if (!renewal) throw new Error('no such scenario')
  const comparison = await compareScenario(other.client(), renewal, start)
  expect(comparison.differences).toEqual(
    expect.arrayContaining([
      { what: 'invoice 2, status', stripe: 'draft', simulator: 'paid' },
      {
        what: 'events, renewed',
        stripe: 'customer.subscription.updated invoice.created invoice.upcoming',
        simulator: expect.stringContaining('invoice.finalized invoice.paid'),
      },
    ]),
  )
  expect(tableOf([comparison])).toContain('✘ renewal')
  expect(resultOf([comparison])).toMatchObject({ scenarios: 1, agreeing: 0 })
})
