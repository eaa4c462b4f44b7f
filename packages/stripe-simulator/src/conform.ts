import Stripe from 'stripe'
import { type ConformArguments, readArguments, usage } from './conform/arguments.ts'
import { type Comparison, compareScenario, scenarios } from './conform/compare.ts'
import { resultOf, tableOf } from './conform/table.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = readArguments(args)
  if (options === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if ('problem' in options) {
    process.stderr.write(`${options.problem}\n\n${usage}`)
    return 2
  }
  const wanted = scenarios.filter(({ name }) => options.only === null || name === options.only)
  if (wanted.length === 0) {
    process.stderr.write(
      `No such scenario. There are:\n${scenarios.map(({ name }) => `  ${name}\n`).join('')}`,
    )
    return 2
  }
  try {
    return report(await compareAll(clientFor(options), wanted), options.json)
  } catch (error) {
    return explain(error)
  }
}

async function compareAll(stripe: Stripe, wanted: typeof scenarios): Promise<Comparison[]> {
  const start = Math.floor(Date.now() / 1000)
  const comparisons: Comparison[] = []
  for (const scenario of wanted) {
    process.stderr.write(`${scenario.name} …\n`)
    comparisons.push(await compareScenario(stripe, scenario, start))
  }
  return comparisons
}

function clientFor({ key, host }: ConformArguments) {
  if (host === null) return new Stripe(key, { telemetry: false })
  const { hostname, port, protocol } = new URL(host)
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: protocol === 'http:' ? 'http' : 'https',
    telemetry: false,
    maxNetworkRetries: 0,
  })
}

function report(comparisons: Comparison[], json: boolean): number {
  const result = resultOf(comparisons)
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : tableOf(comparisons))
  return result.differences.length === 0 ? 0 : 1
}

function explain(error: unknown): number {
  if (error instanceof Stripe.errors.StripeConnectionError) {
    process.stderr.write(`Stripe could not be reached: ${error.message}\nThe comparison needs its API.\n`)
    return 3
  }
  if (error instanceof Stripe.errors.StripeAuthenticationError) {
    process.stderr.write(`Stripe does not accept this key: ${error.message}\n`)
    return 3
  }
  throw error
}
