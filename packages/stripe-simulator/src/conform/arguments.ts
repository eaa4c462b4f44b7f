import { parseArgs } from 'node:util'

export type ConformArguments = { key: string; host: string | null; json: boolean; only: string | null }

export const usage = `npm run conform -- --stripe sk_test_… [options]

Drives the same scenarios through Stripe's own API, with test clocks, and through the simulated Stripe, and compares
the events and the fields that are read. It creates customers, prices and subscriptions in the account of the key.

  --stripe KEY       a test key (sk_test_… or rk_test_…), or STRIPE_TEST_KEY in the environment
  --only NAME        one scenario
  --json             the result as one line of JSON, the last line of stdout
  --host URL         another host than api.stripe.com
  --help             this text
`

export function readArguments(
  args: string[],
  env: Record<string, string | undefined> = process.env,
): ConformArguments | 'help' | { problem: string } {
  try {
    const { values } = parseArgs({ args, options })
    if (values.help) return 'help'
    const key = values.stripe ?? env.STRIPE_TEST_KEY ?? ''
    const problem = problemOf(key)
    if (problem !== null) return { problem }
    return { key, host: values.host ?? null, json: values.json, only: values.only ?? null }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** Null where the key can be used. */
function problemOf(key: string) {
  if (key === '') return 'Pass a Stripe test key: --stripe sk_test_…'
  if (/^[a-z]+_live_/.test(key)) {
    return 'This is a live key: conform creates subscriptions and charges cards. Pass a test key (sk_test_…).'
  }
  return /^(?:sk|rk)_test_\w+$/.test(key)
    ? null
    : 'This is no Stripe test key: it begins with sk_test_ or rk_test_.'
}

const options = {
  stripe: { type: 'string' },
  host: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const
