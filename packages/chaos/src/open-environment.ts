import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Panel, startPanel } from '@spawnpoint/panel-simulator'
import {
  eventually,
  findMysqlBinary,
  findNatsBinary,
  freePort,
  type Mysql,
  natsPasswords,
  natsUserUrls,
  type Owned,
  openMysql,
  type PrivateMysql,
  type PrivateNats,
  type Stack,
  startPrivateMysql,
  startPrivateNats,
  startStack,
} from '@spawnpoint/stack'
import { type StripeSimulator, startStripe } from '@spawnpoint/stripe-simulator'
import type { ChaosArguments } from './arguments.ts'
import { roomyPanel } from './catalogue.ts'
import { type Clock, openClock } from './open-clock.ts'
import { openWire, type Wire } from './proxy.ts'
import { createRandom } from './random.ts'
import type { WireName } from './schedule-faults.ts'

export type Environment = {
  /** Killed and frozen only when it is ours. */
  mysql: { version: string; own: PrivateMysql | null }
  nats: PrivateNats
  stripe: StripeSimulator
  panel: Panel
  wires: Record<WireName, Wire>
  stack: Stack
  clock: Clock
}

type Options = ChaosArguments & { dataDir: string }

/** Real servers and real processes, with a wire of ours in each connection between them. */
export async function openEnvironment(options: Options, started: Owned): Promise<Environment> {
  const { dataDir, timeScale } = options
  // One after the other: what is still starting while another fails would be left running.
  const { mysql, own } = await openDatabase(options, started)
  const nats = await openNats(options, started)
  const stripe = await openStripe(options, started)
  const panel = await openPanel(options, started)
  const gatewayPort = await freePort()
  const wireTo = async (address: string) => started.own(await openWire(endOf(address)))
  const wires = {
    mysql: await wireTo(mysql.adminUrl),
    nats: await wireTo(nats.url),
    'stripe-api': await wireTo(stripe.url),
    panel: await wireTo(panel.url),
    webhooks: await wireTo(`http://127.0.0.1:${gatewayPort}`),
  }
  const stack = started.own(
    await startStack({
      dataDir,
      timeScale,
      ports: { 'billing-gateway': gatewayPort },
      // Schemas of this run's own, wherever they are.
      prefix: `chaos${randomBytes(2).toString('hex')}_`,
      env: {
        MYSQL_URL: through(wires.mysql, mysql.adminUrl),
        NATS_URL: through(wires.nats, nats.url),
        ...natsUserUrls((user) => through(wires.nats, nats.urls[user])),
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
        STRIPE_API_URL: through(wires['stripe-api'], stripe.url),
        PANEL_URL: through(wires.panel, panel.url),
        PANEL_TOKEN: panel.token,
        PANEL_PRIVATE_NETWORKS: '127.0.0.1',
        // Regular customers of this rig buy far more at once than people do.
        MAX_OPEN_ORDERS_PER_CUSTOMER: '10000',
        UNPAID_CAPACITY_SHARE: '1',
        // Webhooks that no attempt brought before time moved on come by this alone.
        CATCH_UP_MINUTES: '3',
      },
    }),
  )
  stripe.addWebhook(through(wires.webhooks, `${stack.services['billing-gateway'].url}/webhooks/stripe`))
  const clock = openClock({ dataDir, stripe })
  await giveClock(stack, clock)
  return { mysql: { version: mysql.version, own }, nats, stripe, panel, wires, stack, clock }
}

async function giveClock({ services: { order } }: Stack, { changes }: Clock): Promise<void> {
  await order.stop()
  await order.start(changes)
  // Connections to the one before are still in the pool.
  await eventually(() => fetch(`${order.url}/livez`))
}

async function openDatabase({ dataDir, mysqlUrl, mysqlServer }: Options, { own }: Owned) {
  const directory = join(dataDir, 'mysql')
  if (mysqlUrl !== null) {
    const mysql: Mysql = own(await openMysql({ dataDir: directory, url: mysqlUrl }))
    return { mysql, own: null }
  }
  const binary = mysqlServer ?? findMysqlBinary()
  if (!binary) throw new Error('No MariaDB or MySQL on this machine: install one, or give --mysql-url')
  const mysql = own(await startPrivateMysql({ binary, dataDir: directory }))
  return { mysql, own: mysql }
}

async function openNats({ dataDir, natsServer }: Options, { own }: Owned): Promise<PrivateNats> {
  const binary = natsServer ?? findNatsBinary()
  if (!binary) throw new Error('nats-server is not on this machine: install it, or give --nats-server')
  return own(
    await startPrivateNats({ binary, dataDir: join(dataDir, 'nats'), passwords: natsPasswords(dataDir) }),
  )
}

async function openStripe({ seed, timeScale }: Options, { own }: Owned): Promise<StripeSimulator> {
  const port = await freePort()
  return own(
    await startStripe({
      port,
      // Buyers reach the payment page directly: only the gateway is behind a wire.
      publicUrl: `http://127.0.0.1:${port}`,
      timeScale,
      random: createRandom(seed + 1).next,
    }),
  )
}

async function openPanel({ seed, timeScale, orders, rateLimit }: Options, { own }: Owned): Promise<Panel> {
  return own(
    await startPanel({
      port: await freePort(),
      timeScale,
      random: createRandom(seed + 2).next,
      setup: roomyPanel(orders),
      install: { mode: 'after', ms: 4_000 },
      rateLimitPerMinute: rateLimit,
      rateWindowMs: 60_000,
    }),
  )
}

function endOf(address: string): { host: string; port: number } {
  const { protocol, hostname, port } = new URL(address)
  return { host: hostname, port: Number(port || (protocol === 'mysql:' ? 3306 : 80)) }
}

function through({ port }: Wire, address: string): string {
  const url = new URL(address)
  url.host = `127.0.0.1:${port}`
  return url.href.replace(/\/$/, '')
}
