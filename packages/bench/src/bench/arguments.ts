import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { benchmarks, longBenchmarks } from './benchmarks.ts'
import type { ServerChoice } from './open-servers.ts'

export type BenchArguments = {
  chosen: Benchmark[]
  seconds: number | null
  json: boolean
  /** Where to draw the results as a picture. */
  chart: string | null
  servers: ServerChoice
}

export const usage = `npm run bench -- <name …, or all> [options]

Measures with the real processes, on durable commits, each thing side by side with what it is held against.

${benchmarks.map(shown).join('\n')}

Not part of \`all\`, for each takes minutes:

${longBenchmarks.map(shown).join('\n')}

  --seconds N        how long each sample is measured
  --json             each benchmark's result as one line of JSON on stdout
  --chart FILE       draw every figure against its goal, as SVG
  --mysql-url URL    a MySQL or MariaDB that is there (or MYSQL_URL in the environment)
  --nats-url URL     a NATS with JetStream that is there (or NATS_URL in the environment)
  --mysql-server B   this mariadbd or mysqld instead of the machine's
  --nats-server B    this nats-server instead of the machine's
  --help             this text

Ends with 0 when everything was measured, whether or not the goals are met, and with 1 when something was not.
`

export function readArguments(args: string[]): BenchArguments | 'help' | { problem: string } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    if (values.help) return 'help'
    return {
      chosen: choose(positionals),
      seconds: values.seconds === undefined ? null : positive('seconds', values.seconds),
      json: values.json,
      chart: values.chart ?? null,
      servers: {
        mysqlUrl: values['mysql-url'] ?? process.env.MYSQL_URL ?? null,
        natsUrl: values['nats-url'] ?? process.env.NATS_URL ?? null,
        mysqlServer: values['mysql-server'] ?? null,
        natsServer: values['nats-server'] ?? null,
      },
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

const options = {
  seconds: { type: 'string' },
  json: { type: 'boolean', default: false },
  chart: { type: 'string' },
  'mysql-url': { type: 'string' },
  'nats-url': { type: 'string' },
  'mysql-server': { type: 'string' },
  'nats-server': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

function choose(names: string[]): Benchmark[] {
  if (names.length === 0) throw new Error('Name a benchmark, or all')
  if (names.includes('all')) return [...benchmarks]
  return names.map((wanted) => {
    const found = [...benchmarks, ...longBenchmarks].find(({ name }) => name === wanted)
    if (!found) throw new Error(`There is no benchmark called ${wanted}`)
    return found
  })
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be more than 0, not ${text}`)
  return value
}

function shown({ name, compares }: Benchmark): string {
  return `  ${name.padEnd(18)} ${compares}`
}
