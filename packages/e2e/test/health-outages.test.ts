import { randomUUID } from 'node:crypto'
import { openConnection } from '@spawnpoint/database'
import { connectNats, streamManager } from '@spawnpoint/messaging'
import { eventually, log, serviceNames } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inMysql } from './in-mysql.ts'
import { openShop, type Shop } from './shop.ts'
import { openStalls, type Stalls } from './stalls.ts'

// Work that does not move, and databases and NATS that cannot do their job; what waits for a person: health-reasons.test.ts.

// Orders are late after five minutes here as elsewhere, however fast the clock.
const env = { UNPAID_CAPACITY_SHARE: '1', SERVER_LATE_MINUTES: '50' }

let shop: Shop
let stalls: Stalls
let mysql: Server
let nats: Server

type Server = { pid(): number; kill(): Promise<void>; start(): Promise<void> }

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.1, ownMysql: true, env })
  stalls = openStalls(shop)
  mysql = ours(shop.stack.mysql)
  nats = ours(shop.stack.nats)
  await sellsOne()
  await stalls.allHealthy(serviceNames)
}, 120_000)

afterAll(async () => {
  stalls.print()
  for (const server of [mysql, nats]) process.kill(server.pid(), 'SIGCONT')
  await shop[Symbol.asyncDispose]()
}, 60_000)

test('a database that is read-only: not ready, and every route that writes answers 503 with Retry-After', async () => {
  await stalls.observe({
    kind: 'MariaDB set read_only',
    ...{ service: 'billing-gateway', reason: 'database', word: 'unhealthy' },
    text: /read-only.*SET GLOBAL read_only = OFF/,
    make: () => asRoot('SET GLOBAL read_only = ON'),
    mend: async () => {
      await unwritableRoutesAnswer503()
      await asRoot('SET GLOBAL read_only = OFF')
    },
  })
  await stalls.allHealthy(serviceNames)
}, 60_000)

test('a database without space: not ready until as much as a batch needs can be stored', async () => {
  const { billing } = shop.stack.databases
  await stalls.observe({
    kind: 'MariaDB has no space left for the journal (1114)',
    ...{ service: 'billing-gateway', reason: 'database', word: 'unhealthy' },
    text: /no space left.*The table 'stripe_event' is full.*free space/,
    make: async () => {
      // A table of 64 kB, as the server refuses more for any limit: on a disk that is full, it is InnoDB that says so.
      await asRoot(
        `ALTER TABLE ${schemaOf(billing)}.stripe_event ENGINE = MyISAM, MAX_ROWS = 1, AVG_ROW_LENGTH = 1`,
      )
      expect((await deliver({ padding: 100_000 })).status).toBe(503)
    },
    mend: async () => {
      await asRoot(`ALTER TABLE ${schemaOf(billing)}.stripe_event ENGINE = InnoDB`)
      expect((await deliver({ padding: 100_000 })).status).toBe(200)
    },
  })
}, 60_000)

test('a database that hangs, and one that is gone', async () => {
  await stalls.observe({
    kind: 'MariaDB paused (SIGSTOP)',
    ...{ service: 'order', reason: 'database', word: 'unhealthy' },
    text: /no answer for \d+ s.*SHOW PROCESSLIST/,
    make: async () => process.kill(mysql.pid(), 'SIGSTOP'),
    mend: async () => process.kill(mysql.pid(), 'SIGCONT'),
  })
  await stalls.observe({
    kind: 'MariaDB gone',
    ...{ service: 'provisioner', reason: 'database', word: 'unhealthy' },
    text: /cannot be reached.*DATABASE_URL/,
    make: () => mysql.kill(),
    mend: () => mysql.start(),
  })
}, 60_000)

test('NATS that is gone or hangs: the gateway is degraded and takes webhooks', async () => {
  await stalls.observe({
    kind: 'NATS gone',
    ...{ service: 'billing-gateway', reason: 'nats', text: /outbox.*start nats-server/ },
    make: () => nats.kill(),
    mend: async () => {
      expect((await deliver()).status).toBe(200)
      await nats.start()
    },
  })
  await stalls.observe({
    kind: 'NATS paused (SIGSTOP)',
    ...{ service: 'provisioner', reason: 'nats', text: /no orders are consumed.*start nats-server/ },
    make: async () => process.kill(nats.pid(), 'SIGSTOP'),
    mend: async () => process.kill(nats.pid(), 'SIGCONT'),
  })
}, 60_000)

test('work that does not move: a full stream, a consumer and a journal that stand still', async () => {
  await stalls.allHealthy(serviceNames)
  const { id, checkoutUrl } = await shop.placeOrder()
  const held = await Promise.all([holdInbox(), holdJournal()])
  const limits = await limitStream()
  await Promise.all([
    stalls.observe({
      kind: "JetStream refuses: the stream's limit was set by hand",
      ...{ service: 'billing-gateway', reason: 'stream', text: /limited by hand.*nats stream edit BILLING/ },
      make: async () => {},
      mend: () => limits.mended,
    }),
    stalls.observe({
      kind: 'the outbox does not move: JetStream is full',
      ...{ service: 'billing-gateway', reason: 'outbox' },
      text: /maximum bytes exceeded.*raise STREAM_MAX_BYTES/,
      make: () => shop.pay(checkoutUrl),
      mend: () => limits.reset(),
    }),
    stalls.observe({
      kind: 'a consumer does not move: its inbox is locked',
      ...{
        service: 'provisioner',
        reason: 'consumers',
        text: /wait for provisioner-order: order\.\w+ has waited.*log/,
      },
      make: () => shop.placeOrder(),
      mend: () => held[0].release(),
    }),
    stalls.observe({
      kind: 'the journal does not move: its row is locked',
      ...{
        service: 'billing-gateway',
        reason: 'journal',
        text: /stored and not processed.*SHOW PROCESSLIST/,
      },
      make: async () => {},
      mend: () => held[1].release(),
    }),
  ])
  await shop.becomes(id, 'provisioned', 60_000)
  await stalls.allHealthy(serviceNames)
}, 120_000)

test('a launch of eighty buyers is healthy all along', async () => {
  await stalls.allHealthy(serviceNames)
  const unhealthy: unknown[] = []
  let isOpen = true
  const watching = (async () => {
    while (isOpen) {
      for (const service of serviceNames) {
        const health = await stalls.healthOf(service)
        if (health.status !== 'healthy') unhealthy.push({ service, ...health.failing })
      }
    }
  })()
  const ids = await Promise.all(
    Array.from({ length: 80 }, async (_, n) => {
      const { id, checkoutUrl } = await shop.placeOrder({ email: `buyer-${n}@example.com` })
      await shop.pay(checkoutUrl)
      return id
    }),
  )
  for (const id of ids) await shop.becomes(id, 'provisioned', 60_000)
  isOpen = false
  await watching
  expect(unhealthy).toEqual([])
}, 90_000)

function schemaOf(url: string): string {
  return new URL(url).pathname.slice(1)
}

function asRoot(statement: string): Promise<unknown> {
  return inMysql(shop.stack.mysql.adminUrl, statement)
}

async function unwritableRoutesAnswer503(): Promise<void> {
  const answers = await Promise.all((await writingRoutes()).map(askOnce))
  expect(answers.filter(({ status }) => status === 500 || status === 502)).toEqual([])
  const away = answers.filter(({ status }) => status === 503)
  expect(away.filter(({ retryAfter, code }) => !(Number(retryAfter) > 0) || !code)).toEqual([])
  expect(away.map(({ route }) => route)).toEqual(
    expect.arrayContaining([
      'order POST /orders',
      'order PUT /admin/plans/{id}',
      'order PUT /admin/regions/{id}',
      'provisioner PUT /admin/plan-specs/{plan}',
      'provisioner PUT /admin/region-nodes/{region}',
      'provisioner PUT /admin/secrets/{name}',
      'billing-gateway POST /admin/catch-up',
    ]),
  )
  const webhook = await deliver()
  expect([webhook.status, webhook.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
}

type Route = { service: (typeof serviceNames)[number]; method: string; path: string }

async function writingRoutes(): Promise<Route[]> {
  const all = await Promise.all(
    serviceNames.map(async (service) => {
      const response = await shop.send(service, 'GET', '/openapi.json')
      const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> }
      return Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods)
          .filter((method) => method !== 'get')
          .map((method) => ({ service, method: method.toUpperCase(), path })),
      )
    }),
  )
  return all.flat()
}

/** Where it is in no list, an empty object. */
const bodies: Record<string, object> = {
  '/orders': {
    plan: 'small',
    region: 'eu',
    customer: { email: 'kim@example.com', name: 'Kim' },
    server_name: 'Home',
  },
  '/admin/plans/{id}': { name: 'Another', amount: 999, currency: 'eur' },
  '/admin/regions/{id}': { name: 'Another' },
  '/admin/plan-specs/{plan}': { ptero_egg_id: 1, limits: { memory: 1024, disk: 5120, cpu: 100 } },
  '/admin/region-nodes/{region}': { nodes: [1] },
  '/admin/secrets/{name}': { value: 'ptla_a-key-of-the-panel-0123456789' },
  '/admin/dead-letters/redrive': { filter: {} },
  '/admin/dead-letters/resolve': { filter: {}, note: 'none' },
}
const parameters: Record<string, string> = { '{name}': 'panel_token', '{panel}': 'second' }

async function askOnce({ service, method, path }: Route) {
  const filled = path.replace(/\{\w+\}/g, (name) => parameters[name] ?? 'another')
  const headers = { 'idempotency-key': randomUUID() }
  const response = await shop.send(service, method, filled, bodies[path] ?? {}, headers)
  const { code } = (await response.json().catch(() => ({}))) as { code?: string }
  return {
    route: `${service} ${method} ${path}`,
    status: response.status,
    code,
    retryAfter: response.headers.get('retry-after'),
  }
}

async function holdInbox() {
  const holder = await openConnection(shop.stack.mysql.adminUrl)
  await holder.query(`LOCK TABLES ${schemaOf(shop.stack.databases.provisioner)}.inbox WRITE`)
  return { release: () => holder.end() }
}

/** An event that becomes due while somebody holds its row. */
async function holdJournal() {
  const delivered = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const { body, headers } = signedWebhook(delivered, shop.stripe.webhookSecret)
  await fetch(`${shop.stack.services['billing-gateway'].url}/webhooks/stripe`, {
    method: 'POST',
    headers,
    body,
  })
  const { billing } = shop.stack.databases
  const row = 'WHERE event_id = ? AND processed_at IS NOT NULL'
  await eventually(async () =>
    expect(
      await inMysql<unknown[]>(billing, `SELECT seq FROM stripe_event ${row}`, [delivered.id]),
    ).toHaveLength(1),
  )
  await inMysql(
    billing,
    `UPDATE stripe_event SET processed_at = NULL, outcome = NULL, next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL 1 SECOND ${row}`,
    [delivered.id],
  )
  const holder = await openConnection(billing)
  await holder.query('START TRANSACTION')
  await holder.query('SELECT seq FROM stripe_event WHERE event_id = ? FOR UPDATE', [delivered.id])
  return { release: () => holder.end() }
}

/** As somebody would by hand. */
async function limitStream() {
  const connection = connectNats({ url: shop.stack.nats.url, name: 'by hand', log })
  const { streams } = await streamManager(connection)
  const { config, state } = await streams.info('BILLING')
  await streams.update('BILLING', { ...config, max_bytes: state.bytes + 100 })
  let settle = () => {}
  const mended = new Promise<void>((resolve) => {
    settle = resolve
  })
  return {
    mended,
    reset: async () => {
      await streams.update('BILLING', config)
      await connection.close()
      settle()
    },
  }
}

function deliver({ padding = 0 } = {}): Promise<Response> {
  const session = checkoutSession({ metadata: padding > 0 ? { padding: 'x'.repeat(padding) } : {} })
  const { body, headers } = signedWebhook(
    stripeEvent('checkout.session.completed', session),
    shop.stripe.webhookSecret,
  )
  return fetch(`${shop.stack.services['billing-gateway'].url}/webhooks/stripe`, {
    method: 'POST',
    headers,
    body,
  })
}

async function sellsOne(): Promise<void> {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned', 60_000)
}

function ours(server: object): Server {
  if (!('kill' in server && 'start' in server)) throw new Error('This server is not of our own')
  return server as Server
}
