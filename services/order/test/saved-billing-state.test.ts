import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { adapter, inTransaction, sql } from '@spawnpoint/database'
import { owning, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { restoreOrders } from '../src/recovery/restore-orders.ts'
import { applyLookup } from '../src/rules/decisions/apply-lookup.ts'
import { applyPayment } from '../src/rules/decisions/apply-payment.ts'
import { applyServer } from '../src/rules/decisions/apply-server.ts'
import { applySubscription } from '../src/rules/decisions/apply-subscription.ts'
import { reevaluateOrder } from '../src/rules/decisions/reevaluate-order.ts'
import type { Applied, Decision, Rules } from '../src/rules/order/decision.ts'
import type { Order } from '../src/rules/order/order.ts'
import { lockOrders } from '../src/store/orders.ts'
import { saveOrders } from '../src/store/save-orders.ts'
import { order, payment, selling, server, subscription } from './fixtures.ts'

const cleanUp = owning()
const rules: Rules = selling({ small: 999, large: 1999 })
const paidUntil = '2026-11-23T13:00:00.000Z'
const ofSubscription = { payment_id: 'sub_1', subscription_id: 'sub_1', paid_until: paidUntil }
let prisma: PrismaClient
let restored: PrismaClient

beforeAll(async () => {
  prisma = await open()
  restored = await open()
})

afterAll(() => cleanUp[Symbol.asyncDispose]())

test('an order saved before billing states were stored goes on: it renews, is disputed, and takes commands', async () => {
  const id = 'of-before'
  const legacy = await story(id, [
    (now) => applyPayment(now, payment({ payment_id: 'cs_1' }), rules),
    (now) => applyServer(now, server({ order_id: id }), rules),
  ])
  expect(legacy).toMatchObject({ status: 'provisioned' })
  await prisma.$executeRaw(
    sql`UPDATE orders SET money = NULL, wanted = NULL, subscription_id = NULL WHERE id = ${id}`,
  )
  expect(await read(prisma, id)).toMatchObject({
    wanted: 'running',
    money: { payments: [{ payment_id: 'cs_1' }] },
  })
  // Its first payment has the name of its subscription by now.
  const named = payment({ ...ofSubscription, checkout_session_id: 'cs_1' })
  const renewed = await story(id, [
    (now) => applyPayment(now, named, rules),
    (now) =>
      applyPayment(
        now,
        { ...named, payment_id: 'in_2', kind: 'renewal', paid_until: '2026-12-23T13:00:00.000Z' },
        rules,
      ),
  ])
  expect(renewed).toMatchObject({
    billing_status: 'paid',
    desired: 'running',
    payment_id: 'sub_1',
    subscription_id: 'sub_1',
    paid_until: '2026-12-23T13:00:00.000Z',
  })
  const disputed = await story(id, [
    (now) =>
      applyPayment(
        now,
        {
          ...{ ...named, payment_id: 'in_2', kind: 'renewal', version: 2, dispute: 'open' },
          paid_until: '2026-12-23T13:00:00.000Z',
        },
        rules,
      ),
  ])
  expect(disputed).toMatchObject({ billing_status: 'disputed', money_due_at: expect.any(String) })
})

test('after a backup was restored an order recovers its billing state from its own events', async () => {
  const id = 'restored'
  const said = await story(id, [
    (now) => applyPayment(now, payment(ofSubscription), rules),
    (now) =>
      applySubscription(
        now,
        subscription({ status: 'past_due', paid_until: paidUntil, order_id: id }),
        rules,
      ),
    (now) => applyPayment(now, payment({ ...ofSubscription, version: 2, refunded: 500 }), rules),
    (now) =>
      applySubscription(now, subscription({ version: 2, status: 'canceled', paid_until: paidUntil }), rules),
    (now) => reevaluateOrder(now, applyLookup(now, { subscription: null, payments: [] }, rules), { rules }),
  ])
  expect(said).toMatchObject({ desired: 'suspended', suspended_at: expect.any(String) })
  const rows = await prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
  await inTransaction(restored, (tx) =>
    restoreOrders(
      tx,
      rows.map(({ envelope }) => eventIn(envelope)),
    ),
  )
  const { money_due_at, ...kept } = await read(restored, id)
  const { money_due_at: _, ...expected } = said
  expect(kept).toEqual(expected)
  // Whatever was due is found out once the service is up.
  expect(Date.parse(money_due_at ?? '')).toBe(0)
})

async function open(): Promise<PrismaClient> {
  const database = cleanUp.own(await testDatabase('orders'))
  const client = new PrismaClient({ adapter: adapter(database.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => client.$disconnect() })
  return client
}

/** The events of an order, each in a transaction of its own. */
async function story(id: string, words: ((now: Order) => Decision)[]): Promise<Order> {
  for (const [index, word] of words.entries())
    await inTransaction(prisma, async (tx) => {
      const known = (await lockOrders(tx, [id])).get(id)
      const decision = word(known ?? { ...order(), id })
      const { kind: _, ...change } = applied(decision)
      await saveOrders(tx, [{ ...change, cause: `${id}/${change.order.version}/${index}`, at: rules.now }])
    })
  return await read(prisma, id)
}

async function read(client: PrismaClient, id: string): Promise<Order> {
  const found = (await inTransaction(client, (tx) => lockOrders(tx, [id]))).get(id)
  if (!found) throw new Error(`No order ${id}`)
  return found
}

function applied(decision: Decision): Applied {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision
}

function eventIn(envelope: string): AnyEvent {
  const event = readEvent(envelope)
  if ('problem' in event) throw new Error(event.problem.message)
  return event
}
