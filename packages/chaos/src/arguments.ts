import { parseArgs } from 'node:util'

export type ChaosArguments = {
  orders: number
  kills: number
  seed: number
  /** Of all real durations: timeouts, backoff, leases and pauses of the services, Stripe and the panel. */
  timeScale: number
  /** Null: see the schedule. */
  ordersPerSecond: number | null
  /** The panel's calls a minute, in real minutes; null: no limit. */
  rateLimit: number | null
  mysqlUrl: string | null
  mysqlServer: string | null
  natsServer: string | null
  /** How long the books may take to balance once the faults are over. */
  patienceMs: number
  json: boolean
  plan: boolean
  keep: boolean
}

export const usage = `npm run chaos [-- options]

Sells servers and subscriptions through the real processes, and lets the months of the subscriptions go by, while it
breaks everything around them; then it counts from outside.

  --orders N         how many orders (300)
  --kills K          how many SIGKILLs; all other faults in proportion (15)
  --seed S           every choice follows from it (1)
  --json             the result as one line of JSON, the last line of stdout
  --time-scale X     of the real timeouts, backoff and leases (0.05)
  --rate R           orders a second while servers are sold (4.5); the months of the subscriptions come after that
  --rate-limit M     the panel's calls a minute, such as its usual 240; without it there is no limit
  --mysql-url URL    a MySQL or MariaDB that is there: used, and never killed (or MYSQL_URL in the environment)
  --mysql-server B   this mariadbd or mysqld instead of the machine's
  --nats-server B    this nats-server instead of the machine's
  --patience S       seconds to wait for the last servers once the faults are over (180; 900 with a rate limit)
  --plan             print what would happen, and do nothing
  --keep             keep logs and data also when all went well
  --help             this text
`

export function readArguments(args: string[]): ChaosArguments | 'help' | { problem: string } {
  try {
    const { values } = parseArgs({ args, options })
    if (values.help) return 'help'
    return {
      orders: whole('orders', values.orders, 1),
      kills: whole('kills', values.kills, 0),
      seed: whole('seed', values.seed, 0),
      timeScale: positive('time-scale', values['time-scale']),
      ordersPerSecond: values.rate === undefined ? null : positive('rate', values.rate),
      rateLimit: values['rate-limit'] === undefined ? null : whole('rate-limit', values['rate-limit'], 1),
      mysqlUrl: values['mysql-url'] ?? process.env.MYSQL_URL ?? null,
      mysqlServer: values['mysql-server'] ?? null,
      natsServer: values['nats-server'] ?? null,
      patienceMs: 1_000 * positive('patience', values.patience ?? (values['rate-limit'] ? '900' : '180')),
      json: values.json,
      plan: values.plan,
      keep: values.keep,
    }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

const options = {
  orders: { type: 'string', default: '300' },
  kills: { type: 'string', default: '15' },
  seed: { type: 'string', default: '1' },
  'time-scale': { type: 'string', default: '0.05' },
  rate: { type: 'string' },
  'rate-limit': { type: 'string' },
  'mysql-url': { type: 'string' },
  'mysql-server': { type: 'string' },
  'nats-server': { type: 'string' },
  patience: { type: 'string' },
  json: { type: 'boolean', default: false },
  plan: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

function whole(name: string, text: string, atLeast: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < atLeast)
    throw new Error(`--${name} must be a whole number of at least ${atLeast}, not ${text}`)
  return value
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be more than 0, not ${text}`)
  return value
}
