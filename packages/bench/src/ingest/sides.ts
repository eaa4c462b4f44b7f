import { eventually, type Owned, type ServiceProcess } from '@spawnpoint/stack'
import type { OpenStack } from '../bench/open-stack.ts'
import { type Database, openDatabase } from '../testbed/database.ts'
import { createGatewaySchema, startBareServer } from './bare-servers.ts'

export type Side = {
  port: number
  /** Whose computing time is of interest. */
  pids?: Record<string, number>
  /**
   * Throws unless what was answered 200 is stored, once and whole; of the refused a few may be stored as well. Then begins
   * again with empty tables.
   */
  settle(answered: Answered): Promise<Settled>
}

type Answered = { events: number; refused: number; bodyBytes: number }
/** `translated`: how many events already meant something while the load was still on. */
type Settled = { translated: number }

/** Three servers that take the same webhooks; only one of them is loaded at a time. */
export async function startSides(open: OpenStack, started: Owned) {
  return {
    ours: await openOurs(open, started),
    ceiling: await startCeiling(open, started),
    'per-event': await startPerEvent(open, started),
  }
}

/** A server that does not even look at what it is sent: what remains is the cost of the load itself. */
export async function startAnswerOnly(open: OpenStack, started: Owned): Promise<Side> {
  return { ...reach(await startBareServer('answer-only', open, started)), settle: nothingStored }
}

async function openOurs({ stack, ownMysql }: OpenStack, started: Owned): Promise<Side> {
  const { databases, mysql, services } = stack
  // As who may empty a table, which the service may not.
  const url = new URL(mysql.adminUrl)
  url.pathname = new URL(databases.billing).pathname
  const database = started.own(await openDatabase(url.href))
  return {
    ...reach(services['billing-gateway'], ownMysql),
    async settle(answered) {
      const translated = await count(database, 'stripe_event WHERE processed_at IS NOT NULL')
      await verifyJournal(database, answered)
      // Its translator would go on, and cost the side that is measured next.
      await database.execute('TRUNCATE stripe_event')
      await eventually(() => outboxIsPublished(database), { timeoutMs: 30_000 })
      return { translated }
    },
  }
}

async function startCeiling(open: OpenStack, started: Owned): Promise<Side> {
  return { ...reach(await startBareServer('ceiling', open, started)), settle: nothingStored }
}

async function startPerEvent(open: OpenStack, started: Owned): Promise<Side> {
  const url = await createGatewaySchema(open, started)
  const database = started.own(await openDatabase(url))
  const server = await startBareServer('per-event', open, started, { DATABASE_URL: url })
  return {
    ...reach(server, open.ownMysql),
    async settle(answered) {
      const stored = await verifyJournal(database, answered)
      const outbox = await count(database, 'outbox')
      if (outbox !== stored) throw new Error(`${stored} events made ${outbox} outbox rows`)
      await database.execute('TRUNCATE stripe_event')
      await database.execute('TRUNCATE outbox')
      return { translated: 0 }
    },
  }
}

function reach(
  { port, pid }: ServiceProcess,
  mysql: OpenStack['ownMysql'] = null,
): Pick<Side, 'port' | 'pids'> {
  return { port, pids: { server: pid(), ...(mysql ? { MySQL: mysql.pid() } : {}) } }
}

const nothingStored = async () => ({ translated: 0 })

async function verifyJournal(database: Database, { events, refused, bodyBytes }: Answered): Promise<number> {
  const all = await count(database, 'stripe_event')
  const whole = await count(database, `stripe_event WHERE deliveries = 1 AND LENGTH(body) = ${bodyBytes}`)
  if (all < events || all > events + refused || whole !== all)
    throw new Error(
      `${events} webhooks were answered 200, ${refused} not: ${all} are stored, ${whole} of them once and whole`,
    )
  return all
}

async function outboxIsPublished(database: Database): Promise<void> {
  const unpublished = await count(database, 'outbox WHERE published_at IS NULL')
  if (unpublished > 0) throw new Error(`${unpublished} events are still to be published`)
}

async function count(database: Database, from: string): Promise<number> {
  const [row] = await database.query<{ rows: number }>(`SELECT COUNT(*) AS \`rows\` FROM ${from}`)
  return row?.rows ?? 0
}
