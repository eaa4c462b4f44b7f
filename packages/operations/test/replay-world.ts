import { type AnyEvent, type Payment, readEvent } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import {
  appendOutbox,
  type ConsumerDefinition,
  connectNats,
  type Decide,
  ensureStream,
  newEvent,
  startRelay,
  streamManager,
} from '@spawnpoint/messaging'
import { baseEnv, createHttp, createLogger } from '@spawnpoint/service-kit'
import { eventually, openClient, owning, paymentData, testDatabase, testNats } from '@spawnpoint/stack'
import { addReplayRoutes } from '../src/replay/replay-routes.ts'

type Shown = {
  id: string
  state: string
  error: string | null
  read: number
  total: number
  next_seq: number
  counts: Record<string, number>
}
type FindingShown = {
  seq: number
  order_id: string
  outcome: string
  reason: string | null
  effect: { fields: Record<string, { from: unknown; to: unknown }>; says: string[] } | null
}

const key = 'test-secret-0123456789'
export const log = createLogger({ service: 'test', level: 'silent' })

/** A service that keeps a count of payments for each order, consumes BILLING and fills ORDER. */
export async function openWorld() {
  const cleanUp = owning()
  const database = cleanUp.own(await testDatabase('orders'))
  const natsServer = cleanUp.own(await testNats())
  const db = cleanUp.own(openClient(database.url))
  await db.$executeRaw(
    sql`CREATE TABLE payment_count (order_id VARCHAR(191) PRIMARY KEY, payments INT NOT NULL)`,
  )
  const nats = connectNats({ url: natsServer.url, name: 'test', log })
  cleanUp.own({ [Symbol.asyncDispose]: () => nats.close() })
  await nats.connection()
  await ensureStream(nats, 'BILLING')
  await ensureStream(nats, 'ORDER')
  const relay = startRelay({ prisma: db, nats, stream: 'ORDER', log })
  cleanUp.own({ [Symbol.asyncDispose]: () => relay.stop() })

  /** A process of the service: its HTTP side only. */
  function openProcess() {
    const app = createHttp({
      isOutage: () => false,
      service: 'test',
      version: '0',
      apiKeys: baseEnv.API_KEYS.parse(`test:${key}`),
      routeScopes: {},
      checks: {},
      summary: async () => ({}),
      log,
    })
    const { stop } = addReplayRoutes(app, {
      prisma: db,
      nats,
      ownStream: 'ORDER',
      consumers,
      show: async (tx, orderId) => {
        const [row] = await tx.$queryRaw<{ payments: number }[]>(
          sql`SELECT payments FROM payment_count WHERE order_id = ${orderId}`,
        )
        return row ?? null
      },
      wake: relay.wake,
      log,
    })
    cleanUp.own({ [Symbol.asyncDispose]: stop })
    const call = (method: string, path: string, body?: unknown) =>
      app.request(path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const read = async (id: string) => (await (await call('GET', `/admin/replays/${id}`)).json()) as Shown
    return {
      call,
      stop,
      read,
      start: async (request: object): Promise<Shown> =>
        (await (await call('POST', '/admin/replays', { stream: 'BILLING', ...request })).json()) as Shown,
      ended: (id: string) =>
        eventually(async () => {
          const replay = await read(id)
          if (replay.state === 'running')
            throw new Error(`Replay ${id} still runs: ${JSON.stringify(replay)}`)
          return replay
        }),
      findings: async (id: string) => {
        const body = await (await call('GET', `/admin/replays/${id}/findings?limit=500`)).json()
        return (body as { findings: FindingShown[] }).findings
      },
    }
  }

  async function publish(...payments: Partial<Payment>[]): Promise<AnyEvent[]> {
    const events = payments.map(paymentEvent)
    await ensureStream(nats, 'BILLING')
    const connection = await nats.connection()
    for (const event of events)
      await connection.jetstream().publish(event.type, JSON.stringify(event), { msgID: event.id })
    return events
  }

  const process = openProcess()
  return {
    db,
    nats,
    relay,
    publish,
    openProcess,
    ...process,
    /** Starts a replay for real unless told otherwise, and waits for its end. */
    replay: async (request: object = {}) =>
      process.ended((await process.start({ dry_run: false, ...request })).id),
    outcomes: async () =>
      Object.fromEntries(
        (
          await db.$queryRaw<{ event_id: string; outcome: string }[]>(
            sql`SELECT event_id, outcome FROM inbox`,
          )
        ).map(({ event_id, outcome }) => [event_id, outcome]),
      ),
    mark: (event: AnyEvent, outcome: string) =>
      db.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
        VALUES (${event.id}, 'test-billing', '', ${event.type}, UTC_TIMESTAMP(3), ${outcome})`),
    payments: async () =>
      Object.fromEntries(
        (
          await db.$queryRaw<{ order_id: string; payments: number }[]>(
            sql`SELECT order_id, payments FROM payment_count`,
          )
        ).map(({ order_id, payments }) => [order_id, payments]),
      ),
    emit: async (...orderIds: string[]) => {
      await appendOutbox(
        db,
        orderIds.map((id) => orderPlaced(id)),
      )
      await eventually(async () => {
        await relay.tick()
        const [row] = await db.$queryRaw<{ n: bigint }[]>(
          sql`SELECT COUNT(*) AS n FROM outbox WHERE published_at IS NULL`,
        )
        if (Number(row?.n) > 0) throw new Error('Not all is published')
      })
    },
    streamIds: async (stream: string): Promise<string[]> => {
      const manager = await streamManager(nats)
      const { state } = await manager.streams.info(stream)
      const ids: string[] = []
      for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
        const event = readEvent((await manager.streams.getMessage(stream, { seq })).data)
        if (!('problem' in event)) ids.push(event.id)
      }
      return ids
    },
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

export const consumers: ConsumerDefinition<Transaction>[] = [
  {
    name: 'test-billing',
    stream: 'BILLING',
    accepts: ({ data }) => data.order_id !== 'not-accepted',
    decide: (...all) => countPayments(...all),
  },
]

const countPayments: Decide<Transaction> = async (tx, events) => {
  for (const event of events) {
    const { order_id: orderId } = event.data
    if (orderId === 'poison') throw new Error('This event kills every batch')
    await tx.$executeRaw(sql`INSERT INTO payment_count (order_id, payments) VALUES (${orderId}, 1)
      ON DUPLICATE KEY UPDATE payments = payments + 1`)
    await appendOutbox(tx, [orderPlaced(`${orderId}/${event.id}`, String(orderId))])
  }
  return new Map(events.map(({ id }) => [id, { outcome: 'done' as const }]))
}

function paymentEvent(payment: Partial<Payment>): AnyEvent {
  const data = paymentData({ payment_id: 'cs_1', status: 'succeeded', order_id: 'order-1', ...payment })
  const type = data.status === 'failed' ? 'payment.failed' : 'payment.succeeded'
  const { payment_id: subject, version } = data
  const cause = `${subject}/${version}`
  const time = payment.failure ? new Date(payment.failure) : new Date()
  return { ...newEvent({ source: 'test', cause, type, subject, version, data, time }), type }
}

function orderPlaced(cause: string, orderId = cause) {
  const data = {
    order_id: orderId,
    version: 1,
    status: 'pending' as const,
    billing_status: 'unpaid' as const,
    desired: 'none' as const,
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: 'alex@example.com', name: 'Alex' },
    server_name: 'Home',
    environment: {},
    price: { amount: 999, currency: 'eur' },
    payment_id: null,
  }
  return newEvent({
    source: 'test',
    cause,
    type: 'order.placed',
    subject: orderId,
    version: 1,
    data,
    time: new Date(),
  })
}
