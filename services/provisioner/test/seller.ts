import type { EventType, OrderState, ServerState } from '@spawnpoint/contracts'
import { adapter, inTransaction, sql } from '@spawnpoint/database'
import { appendOutbox, connectNats, newEvent, startMessaging } from '@spawnpoint/messaging'
import { type PanelOptions, startPanel } from '@spawnpoint/panel-simulator'
import { createLogger, readEnv } from '@spawnpoint/service-kit'
import { eventually, owning, type TestDatabase, testDatabase, testNats } from '@spawnpoint/stack'
import { expect } from 'vitest'
import { envSchema } from '../src/env.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { startProvisioner } from '../src/service.ts'

const apiKey = 'test-secret-0123456789'
const timeScale = 0.02
const log = createLogger({ service: 'test', level: 'silent' })

export type Seller = Awaited<ReturnType<typeof openSeller>>

/** A provisioner with a panel, a plan and a region; orders come as the order service would send them. */
export async function openSeller({
  env: changes,
  database: existing,
  ...options
}: PanelOptions & { env?: Record<string, string>; database?: TestDatabase } = {}) {
  const cleanUp = owning()
  const panel = cleanUp.own(
    await startPanel({
      timeScale,
      rateLimitPerMinute: 1_000_000,
      install: { mode: 'after', ms: 2_000 },
      ...options,
    }),
  )
  const database = cleanUp.own(existing ?? (await testDatabase('provisioner')))
  const nats = cleanUp.own(await testNats())
  const given = {
    DATABASE_URL: database.url,
    NATS_URL: nats.urls.provisioner,
    PORT: '0',
    LOG_LEVEL: process.env.TEST_LOG ?? 'fatal',
    API_KEYS: `test:${apiKey}`,
    PANEL_URL: panel.url,
    PANEL_TOKEN: panel.token,
    PANEL_PRIVATE_NETWORKS: '127.0.0.1',
    PANEL_KIND: options.kind ?? 'pterodactyl',
    TIME_SCALE: String(timeScale),
    // What is tested with few places needs all of them.
    UNPAID_CAPACITY_SHARE: '1',
    ...changes,
  }
  let service = await startProvisioner(readEnv(envSchema, given))
  cleanUp.own({ [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() })
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const orders = cleanUp.own(await openOrders(nats.url))

  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    return await fetch(`http://127.0.0.1:${service.port}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
  }
  await send('PUT', '/admin/plan-specs/small', {
    ptero_egg_id: 1,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
    environment: {},
  })
  await send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2] })
  const serverOf = (orderId: string) => prisma.server.findUniqueOrThrow({ where: { orderId } })
  const onPanel = (orderId: string) =>
    panel.state().servers.filter(({ external_id }) => external_id === orderId)
  const becomes = (orderId: string, status: string, timeoutMs = 30_000) =>
    eventually(async () => expect(await serverOf(orderId)).toMatchObject({ status }), { timeoutMs })
  const outboxOf = (key: string) => prisma.outbox.findMany({ where: { key }, orderBy: { seq: 'asc' } })
  return {
    panel,
    /** As the order service, which asks. */
    natsUrl: nats.urls.order,
    apiKey,
    prisma,
    send,
    sell: orders.publish,
    serverOf,
    onPanel,
    becomes,
    /** What an administrator does on the panel by hand. */
    byHand: (method: string, path: string, body?: unknown) =>
      fetch(`${panel.url}/api/application${path}`, {
        method,
        headers: {
          authorization: `Bearer ${panel.token}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    /** Once what the panel shows now is what sales are decided with. */
    async viewIsNew(): Promise<void> {
      const [clock] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
      const isOld = { part: { startsWith: 'nodes' }, shownAt: { lte: clock?.now ?? new Date() } }
      await eventually(async () => expect(await prisma.panelView.count({ where: isOld })).toBe(0))
    },
    /** After a create that failed, the server of an order is looked for on the panel. */
    failFirstCreate: () =>
      void panel.addFault({
        when: { method: 'POST', path: '/servers$', times: 1 },
        do: { kind: 'status', status: 500 },
      }),
    /** How often the panel was asked for this, by us or by hand. */
    calls: (route: RegExp) =>
      Object.entries(panel.state().calls)
        .filter(([name]) => route.test(name))
        .reduce((sum, [, count]) => sum + count, 0),
    url: () => `http://127.0.0.1:${service.port}`,
    /** The types of what the other services consume about the order. */
    publishedFor: async (orderId: string) => (await outboxOf(orderId)).map(({ subject }) => subject),
    statesOf: async (orderId: string) =>
      (await outboxOf(orderId)).map(({ envelope }) => (JSON.parse(envelope) as { data: ServerState }).data),
    async provisioned(orderId: string, timeoutMs = 30_000): Promise<void> {
      await becomes(orderId, 'provisioned', timeoutMs)
      expect(onPanel(orderId)).toMatchObject([{ status: null }])
    },
    /** One more replica of the service on the same schema. */
    startReplica: async () => void cleanUp.own(await startProvisioner(readEnv(envSchema, given))),
    async restart(env: Record<string, string> = {}): Promise<void> {
      await service[Symbol.asyncDispose]()
      service = await startProvisioner(readEnv(envSchema, { ...given, ...env }))
    },
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

export function paidOrder(order_id: string, changes: Partial<OrderState> = {}): OrderState {
  return {
    order_id,
    version: 2,
    status: 'paid',
    billing_status: 'paid',
    desired: 'running',
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: `${order_id}@example.com`, name: 'Alex Example' },
    server_name: 'A server',
    environment: {},
    price: { amount: 999, currency: 'eur' },
    payment_id: `cs_${order_id}`,
    ...changes,
  }
}

type OrderEvent = Extract<EventType, `order.${string}`>

// An outbox and a relay of its own: what the order service has.
async function openOrders(natsUrl: string) {
  const cleanUp = owning()
  const database = cleanUp.own(await testDatabase('provisioner'))
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const nats = connectNats({ url: natsUrl, name: 'test', log })
  cleanUp.own({ [Symbol.asyncDispose]: () => nats.close() })
  const messaging = startMessaging({ prisma, nats, stream: 'ORDER', log })
  cleanUp.own({ [Symbol.asyncDispose]: () => messaging.stop() })
  return {
    async publish(order: OrderState, type: OrderEvent = 'order.paid') {
      const event = newEvent({
        source: 'order',
        cause: `${order.order_id}/${order.version}`,
        type,
        subject: order.order_id,
        version: order.version,
        data: order,
        time: new Date(),
      })
      await inTransaction(prisma, (tx) => appendOutbox(tx, [event]))
      messaging.wake()
    },
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}
