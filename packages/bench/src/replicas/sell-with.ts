import { setTimeout as delay } from 'node:timers/promises'
import { type Owned, owning, type ServiceProcess, type Stack, startService } from '@spawnpoint/stack'
import type { ServerChoice } from '../bench/open-servers.ts'
import { awaitAcknowledged, lastSequence } from '../sale-path/await-acknowledged.ts'
import { registerCatalogue, roomyNodes } from '../sale-path/catalogue.ts'
import { followStream } from '../sale-path/follow-stream.ts'
import { fillJournal, releaseJournal } from '../sale-path/journal.ts'
import { type LinkPayment, linkPayment } from '../sale-path/link-payment.ts'
import { openSalePath, type SalePath } from '../sale-path/open-sale-path.ts'
import { type Tally, tally } from './tally.ts'

export type Sale = Tally & { ordersPerSecond: number }

const nodes = 6
const buyers = 20
const warmUp = 60
const patienceMs = 60_000

/** Sells with so many replicas, and counts on the panel and among the orders what came of it. */
export async function sellWith(
  replicas: number,
  { orders, servers, signal }: { orders: number; servers: ServerChoice; signal: AbortSignal },
): Promise<Sale> {
  await using started = owning()
  const salePath = await openSalePath(servers, started, {
    panel: {
      setup: roomyNodes({ nodes, portsEach: Math.ceil((1.5 * (orders + warmUp)) / nodes) }),
      rateLimitPerMinute: null,
      install: { mode: 'at-once' },
    },
  })
  await registerCatalogue(
    salePath.stack,
    Array.from({ length: nodes }, (_, index) => index + 1),
  )
  for (let more = 1; more < replicas; more++) await startReplicas(salePath.stack, started)
  const provisioned = new Set<string>()
  started.own(
    await followStream(salePath.natsConnection, 'SERVER', ({ type, subject }) => {
      if (type === 'server.provisioned') provisioned.add(subject)
    }),
  )
  const sold: LinkPayment[] = []
  const sell = async (count: number) => {
    const payments = Array.from({ length: count }, (_, index) => linkPayment(`buyer-${index % buyers}`))
    sold.push(...payments)
    await fillJournal(
      salePath.databases.billing,
      payments.map(({ event }) => event),
    )
    const begun = await releaseJournal(salePath.databases.billing, salePath.gateway)
    return (await untilSize(provisioned, sold.length, signal)) - begun
  }
  await sell(warmUp)
  const tookMs = await sell(orders)
  // The order service receives the last one a moment after us.
  await awaitAcknowledged(salePath.natsConnection, {
    stream: 'SERVER',
    consumer: 'order-server',
    until: await lastSequence(salePath.natsConnection, 'SERVER'),
    signal,
  })
  return { ordersPerSecond: (orders * 1_000) / tookMs, ...(await count(salePath, sold)) }
}

/** One more of each, with the environment of the first. */
async function startReplicas(
  { databases, nats, panel, apiKey, logsDir }: Stack,
  { own }: Owned,
): Promise<void> {
  const shared = { NATS_URL: nats.url, API_KEYS: `local:${apiKey}` }
  const start = async (name: string, env: Record<string, string>): Promise<ServiceProcess> =>
    own(await startService({ name, logsDir, env: { ...shared, ...env } }))
  await start('order', { DATABASE_URL: databases.orders })
  await start('provisioner', {
    DATABASE_URL: databases.provisioner,
    PANEL_URL: panel?.url ?? '',
    PANEL_TOKEN: panel?.token ?? '',
    PANEL_PRIVATE_NETWORKS: '127.0.0.1',
  })
}

/** The moment when so many are there; goes on with what there is when nothing comes any more, for it is counted then. */
async function untilSize(set: ReadonlySet<string>, size: number, signal: AbortSignal): Promise<number> {
  let grown = { to: set.size, at: performance.now() }
  while (set.size < size && performance.now() - grown.at < patienceMs) {
    await delay(2, undefined, { signal })
    if (set.size !== grown.to) grown = { to: set.size, at: performance.now() }
  }
  return performance.now()
}

async function count({ panel, databases }: SalePath, sold: LinkPayment[]): Promise<Tally> {
  const orders = await databases.orders.query<{ id: string }>(
    "SELECT id FROM orders WHERE status = 'provisioned' AND ptero_server_id IS NOT NULL",
  )
  return tally({
    paid: sold.map(({ orderId }) => orderId),
    provisioned: orders.map(({ id }) => id),
    onPanel: panel.state().servers.map(({ external_id }) => external_id ?? ''),
  })
}
