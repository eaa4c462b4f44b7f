import { connectNats, type Nats } from '@spawnpoint/messaging'
import type { Panel, PanelOptions } from '@spawnpoint/panel-simulator'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, type Owned, type Schema } from '@spawnpoint/stack'
import type { ServerChoice } from '../bench/open-servers.ts'
import { type OpenStack, openStack } from '../bench/open-stack.ts'
import { type Database, openDatabase } from '../testbed/database.ts'
import type { WebhookTarget } from './send-webhook.ts'

export type NatsConnection = Awaited<ReturnType<Nats['connection']>>

export type SalePath = OpenStack & {
  databases: Record<Schema, Database>
  natsConnection: NatsConnection
  gateway: WebhookTarget
  panel: Panel
}

/** The whole sale path from the webhook to the panel, and a look into each of its databases and streams. */
export async function openSalePath(
  choice: ServerChoice,
  started: Owned,
  options: { panel: PanelOptions },
): Promise<SalePath> {
  const open = await openStack(choice, started, options)
  const { stack } = open
  if (!stack.stripe || !stack.panel) throw new Error('Only the simulated Stripe and panel are measured with')
  const databases = {
    billing: started.own(await openDatabase(stack.databases.billing)),
    orders: started.own(await openDatabase(stack.databases.orders)),
    provisioner: started.own(await openDatabase(stack.databases.provisioner)),
  }
  const nats = connectNats({
    url: stack.nats.url,
    name: 'bench',
    log: createLogger({ service: 'bench', level: 'silent' }),
  })
  started.own({ [Symbol.asyncDispose]: () => nats.close() })
  const natsConnection = await nats.connection()
  await streamsAreThere(natsConnection)
  const gateway = { url: stack.services['billing-gateway'].url, secret: stack.stripe.webhookSecret }
  return { ...open, databases, natsConnection, gateway, panel: stack.panel }
}

/** Each service creates the streams that it consumes once it is up. */
async function streamsAreThere(nats: NatsConnection): Promise<void> {
  const { streams } = await nats.jetstreamManager()
  for (const name of ['BILLING', 'ORDER', 'SERVER']) await eventually(() => streams.info(name))
}

export async function countRows(database: Database, table: string, where = 'TRUE'): Promise<number> {
  const [counted] = await database.query<{ count: number }>(
    `SELECT COUNT(*) AS count FROM ${table} WHERE ${where}`,
  )
  return counted?.count ?? 0
}

/** What nobody could decide, in any of the services. */
export async function countDeadLetters(databases: SalePath['databases']): Promise<number> {
  const counts = await Promise.all(
    Object.values(databases).map((database) => countRows(database, 'dead_letter')),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
