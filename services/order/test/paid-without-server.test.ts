import { adapter, inTransaction } from '@spawnpoint/database'
import { newEvent } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { owning, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { watchUnfulfilledOrders } from '../src/jobs/unfulfilled-orders.ts'
import { applyPayment } from '../src/rules/decisions/apply-payment.ts'
import { applyServer } from '../src/rules/decisions/apply-server.ts'
import type { Order } from '../src/rules/order/order.ts'
import { saveOrders } from '../src/store/save-orders.ts'
import { order, payment, server } from './fixtures.ts'

const cleanUp = owning()
const log = createLogger({ service: 'test', level: 'silent' })
const said = vi.spyOn(log, 'error')
let prisma: PrismaClient
let alarms: ReturnType<typeof watchUnfulfilledOrders>

const paid = after(applyPayment(order(), payment()))
const held = after(applyPayment(order(), payment({ paid: { amount: 1, currency: 'eur' } })))
const installing = after(applyServer(paid, server({ status: 'provisioning' })))
const running = after(applyServer(paid, server()))
const broken = after(applyServer(running, server({ version: 3, status: 'failed', error_message: 'Gone' })))

beforeAll(async () => {
  const database = cleanUp.own(await testDatabase('orders'))
  prisma = new PrismaClient({ adapter: adapter(database.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  alarms = watchUnfulfilledOrders({ prisma, timeScale: 1, wake: () => {}, log })
  cleanUp.own({ [Symbol.asyncDispose]: () => alarms.stop() })
})

afterAll(() => cleanUp[Symbol.asyncDispose]())

test('paid orders without a server are counted, and each is logged once', async () => {
  await save({ ...paid, id: 'just-paid' }, minutesAgo(4))
  await save({ ...paid, id: 'long-paid' }, minutesAgo(6))
  await save({ ...installing, id: 'long-installing' }, minutesAgo(6))
  await save({ ...held, id: 'held' }, minutesAgo(0))
  await save({ ...running, id: 'running' }, minutesAgo(6))
  await save({ ...order(), id: 'unpaid' }, minutesAgo(6))
  expect(await alarms.summary()).toMatchObject({ paid_without_server: { failed: 1, late: 2 } })
  // As replicas do.
  await Promise.all([alarms.tick(), alarms.tick(), alarms.tick()])
  await alarms.tick()
  expect(sayings()).toEqual([
    'Paid without a server: held',
    'Paid without a server: long-installing',
    'Paid without a server: long-paid',
  ])
})

test('the clock starts with the payment: events of the server do not reset it', async () => {
  await save({ ...paid, id: 'slow' }, minutesAgo(6))
  await save({ ...installing, id: 'slow' }, minutesAgo(1))
  await alarms.tick()
  expect(sayings()).toContain('Paid without a server: slow')
})

test('an order that lost its server again is logged again', async () => {
  const id = 'long-paid'
  await save({ ...running, id }, minutesAgo(0))
  await alarms.tick()
  await save({ ...broken, id }, minutesAgo(0))
  await alarms.tick()
  expect(sayings().filter((line) => line.endsWith(id))).toHaveLength(2)
})

test('a payment for an order that does not exist is logged too', async () => {
  for (const [id, type, parkedAt] of [
    ['00000000-0000-4000-8000-000000000001', 'payment.succeeded', minutesAgo(6)],
    ['00000000-0000-4000-8000-000000000002', 'payment.succeeded', minutesAgo(4)],
    ['00000000-0000-4000-8000-000000000003', 'payment.failed', minutesAgo(6)],
  ] as const) {
    const inbox = { eventId: id, consumer: 'order-billing', batchId: '', type, receivedAt: parkedAt }
    await prisma.inbox.create({ data: { ...inbox, outcome: 'parked' } })
    await prisma.parkedEvent.create({
      data: { eventId: id, waitingFor: `order:lost-${type}`, envelope: '{}', parkedAt },
    })
  }
  expect(await alarms.summary()).toMatchObject({ paid_without_order: 1 })
  await alarms.tick()
  await alarms.tick()
  expect(sayings().filter((line) => line.includes('without an order'))).toEqual([
    'Paid without an order: order:lost-payment.succeeded',
  ])
})

test('a payment that is a dead letter is logged too, and so is a second payment', async () => {
  const letter = (eventId: string, className: string, subject: string) => ({
    eventId,
    class: className,
    subject,
    consumer: 'order-billing',
    firstError: className,
    lastError: `of ${eventId}`,
    envelope: '{}',
    createdAt: new Date(),
  })
  await prisma.deadLetter.createMany({
    data: [
      letter('lost', 'failed_too_often', 'payment.succeeded'),
      letter('unpaid', 'failed_too_often', 'payment.failed'),
      letter('twice', 'paid_twice', 'payment.succeeded'),
      { ...letter('looked-at', 'failed_too_often', 'payment.succeeded'), resolvedAt: new Date() },
      { ...letter('refunded', 'paid_twice', 'payment.succeeded'), resolvedAt: new Date() },
    ],
  })
  const { paid_without_order, paid_twice } = await alarms.summary()
  // One waits already, see above.
  expect({ paid_without_order, paid_twice }).toEqual({ paid_without_order: 2, paid_twice: 1 })
  await alarms.tick()
  await alarms.tick()
  expect(sayings().filter((line) => / of (lost|unpaid|twice|looked-at|refunded)$/.test(line))).toEqual([
    'Paid twice: of twice',
    'Paid without an order: of lost',
  ])
})

test('a payment and an order that were committed past each other find each other', async () => {
  const id = 'crossed'
  const data = payment({ payment_id: 'cs_crossed', order_id: id })
  const event = newEvent({
    source: 'billing',
    cause: 'cs_crossed/succeeded',
    type: 'payment.succeeded',
    subject: data.payment_id,
    version: data.version,
    data,
    time: new Date(),
  })
  const envelope = JSON.stringify(event)
  await prisma.parkedEvent.create({
    data: { eventId: event.id, waitingFor: `order:${id}`, envelope, parkedAt: new Date() },
  })
  await save({ ...order(), id }, new Date())
  await alarms.tick()
  expect(await prisma.order.findUnique({ where: { id } })).toMatchObject({ status: 'paid' })
  expect(await prisma.outbox.count({ where: { key: id, subject: 'order.paid' } })).toBe(1)
  expect(await prisma.parkedEvent.count({ where: { eventId: event.id } })).toBe(0)
})

async function save(saved: Order, at: Date): Promise<void> {
  const change = { order: saved, event: null, cause: 'test', note: null, at }
  await inTransaction(prisma, (tx) => saveOrders(tx, [change]))
}

function sayings(): string[] {
  return said.mock.calls.map(([, line]) => String(line)).sort()
}

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000)
}

function after(decision: ReturnType<typeof applyPayment>): Order {
  if (decision.kind === 'ignored') throw new Error(`Ignored as ${decision.reason}`)
  return decision.order
}
