import type { AnyEvent, Payment, ServerState } from '@spawnpoint/contracts'
import { adapter, inTransaction, sql } from '@spawnpoint/database'
import { newEvent } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { multiplyRow, openQueryPlans, owning, type QueryPlans, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { putPlan, putRegion } from '../src/api/catalogue-routes.ts'
import { listOrders, readOrder } from '../src/api/show-order.ts'
import { decideEvents } from '../src/consumers/decide-events.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { watchUnfulfilledOrders } from '../src/jobs/unfulfilled-orders.ts'
import { defaultPolicy } from '../src/rules/order/policy.ts'
import { saveOrders } from '../src/store/save-orders.ts'
import { order, payment, server } from './fixtures.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const cleanUp = owning()
let plans: QueryPlans
let prisma: PrismaClient
let ids: string[]

/** 20,000 orders with three lines of history each: 60 are on their way, or failed. Some money never found its order. */
beforeAll(async () => {
  const { url } = cleanUp.own(await testDatabase('orders'))
  plans = cleanUp.own(await openQueryPlans(url))
  prisma = new PrismaClient({ adapter: plans.watch(adapter(url)) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const plan = { name: 'Small', amount: 999, currency: 'eur', interval: null, limits: {} }
  await putPlan(prisma, 'small', { ...plan, policy: defaultPolicy, stripe_prices: [] })
  await putRegion(prisma, 'eu', { name: 'Europe' })
  const paid = order({ status: 'paid', billing_status: 'paid' })
  await inTransaction(prisma, (tx) =>
    saveOrders(tx, [{ order: paid, event: null, cause: 'cause', note: null, at: new Date() }]),
  )
  await multiplyRow(prisma, 'orders', {
    count: 20_000,
    set: {
      id: 'LEFT(SHA2(n, 256), 32)',
      created_at: 'UTC_TIMESTAMP(3) - INTERVAL n MINUTE',
      status: "IF(n < 19940, 'provisioned', ELT(1 + n MOD 3, 'paid', 'provisioning', 'error'))",
    },
  })
  await multiplyRow(prisma, 'order_history', {
    count: 60_000,
    set: { order_id: 'LEFT(SHA2(n DIV 3, 256), 32)' },
  })
  await loseMoney()
  const rows = await prisma.$queryRaw<{ id: string }[]>(
    sql`SELECT id FROM orders WHERE seq BETWEEN 101 AND 164`,
  )
  ids = rows.map(({ id }) => id)
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

test('pages of orders are read in their order', async () => {
  const ways = await plans.ways(
    async () => {
      await listOrders(prisma, { limit: 100 })
      await listOrders(prisma, { limit: 100, starting_after: '9000' })
      await listOrders(prisma, { limit: 100, status: 'error' })
      await listOrders(prisma, { limit: 100, starting_after: '9000', status: 'provisioned' })
    },
    { atMost: 110 },
  )
  expect(ways).toEqual(['select orders by orders_seq_key', 'select orders by orders_status_seq_idx'])
})

test('an order and its history are read by its id', async () => {
  const ways = await plans.ways(() => readOrder(prisma, ids[0] ?? ''), { atMost: 10 })
  expect(ways).toEqual(['select orders by PRIMARY', 'select order_history by order_history_order_id_id_idx'])
})

test('the orders that a list of events is about are found by their ids', async () => {
  const payments = ids.map((id) => paymentEvent(payment({ payment_id: `cs_${id}`, order_id: id })))
  const news = ids.map((id) => serverEvent(server({ order_id: id, status: 'provisioning', version: 9 })))
  const ways = await plans.ways(
    async () => {
      await inTransaction(prisma, (tx) => decideEvents(tx, payments, new Date()))
      await inTransaction(prisma, (tx) => decideEvents(tx, news, new Date()))
    },
    { atMost: 200 },
  )
  expect(ways).toContain('select orders by PRIMARY')
  expect(ways.filter((way) => /(orders|order_history|inbox|outbox) whole/.test(way))).toEqual([])
})

test('paid orders without a server are found among the few that are on their way', async () => {
  const { summary, tick, stop } = watchUnfulfilledOrders({ prisma, timeScale: 1, wake: () => {}, log })
  const ways = await plans.ways(
    async () => {
      await tick()
      await summary()
    },
    { atMost: 2_000 },
  )
  await stop()
  const [ofOrders] = ways.filter((way) => way.includes('order_history'))
  expect(ofOrders?.match(/orders by \w+/g)).toEqual(
    Array.from({ length: 3 }, () => 'orders by orders_status_seq_idx'),
  )
  expect(ofOrders?.match(/order_history by \w+/g)).toHaveLength(3)
  expect(ways).toContain('select dead_letter by dead_letter_resolved_at_created_at_idx')
  expect(ways.filter((way) => /(orders|order_history|inbox|dead_letter) whole/.test(way))).toEqual([])
})

async function loseMoney(): Promise<void> {
  const at = sql`UTC_TIMESTAMP(3)`
  await prisma.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
    VALUES ('0', 'order-billing', 'batch', 'payment.succeeded', ${at}, 'parked')`)
  await prisma.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    VALUES ('0', 'order:nobody', '{}', ${at})`)
  await prisma.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at)
    VALUES ('0', 'order-billing', 'paid_twice', 'e', 'e', 'payment.succeeded', '{}', ${at})`)
  const past = 'UTC_TIMESTAMP(3) - INTERVAL n MINUTE'
  await multiplyRow(prisma, 'inbox', {
    count: 20_000,
    set: { event_id: 'LEFT(SHA2(n, 256), 32)', received_at: past },
  })
  await multiplyRow(prisma, 'parked_event', {
    count: 100,
    set: { event_id: 'LEFT(SHA2(n, 256), 32)', waiting_for: "CONCAT('order:nobody-', n)" },
  })
  await multiplyRow(prisma, 'dead_letter', {
    count: 20_000,
    set: {
      event_id: 'LEFT(SHA2(n, 256), 32)',
      class: "IF(n MOD 2, 'refused', 'paid_twice')",
      created_at: past,
      resolved_at: `IF(n MOD 100, ${past}, NULL)`,
    },
  })
}

function paymentEvent(data: Payment): AnyEvent {
  const type = 'payment.succeeded'
  const { payment_id: subject, version } = data
  return {
    ...newEvent({ source: 'test', cause: subject, type, subject, version, data, time: new Date() }),
    type,
  }
}

function serverEvent(data: ServerState): AnyEvent {
  const type = 'server.provisioning'
  const { order_id: subject, version } = data
  return {
    ...newEvent({ source: 'test', cause: subject, type, subject, version, data, time: new Date() }),
    type,
  }
}
