import { type AnyEvent, type Payment, readEvent, type ServerState } from '@spawnpoint/contracts'
import { adapter, inTransaction } from '@spawnpoint/database'
import { derivedId, newEvent } from '@spawnpoint/messaging'
import { owning, testDatabase } from '@spawnpoint/stack'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decideEvents } from '../src/consumers/decide-events.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { applyPayment } from '../src/rules/decisions/apply-payment.ts'
import { applyServer } from '../src/rules/decisions/apply-server.ts'
import type { Order } from '../src/rules/order/order.ts'
import { lockOrders } from '../src/store/orders.ts'
import { saveOrders } from '../src/store/save-orders.ts'
import { order, payment, server } from './fixtures.ts'

type Input = { payment: Payment } | { server: ServerState }

const cleanUp = owning()
let prisma: PrismaClient
let stories = 0

beforeAll(async () => {
  const database = cleanUp.own(await testDatabase('orders'))
  prisma = new PrismaClient({ adapter: adapter(database.url) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
})

afterAll(() => cleanUp[Symbol.asyncDispose]())

const input: fc.Arbitrary<Input> = fc.oneof(
  fc
    .record({
      payment_id: fc.constantFrom('cs_1', 'cs_2'),
      version: fc.integer({ min: 1, max: 2 }),
      status: fc.constantFrom('failed', 'succeeded', 'succeeded'),
      amount: fc.constantFrom(999, 1),
    })
    .map(({ amount, ...said }) => ({ payment: payment({ ...said, paid: { amount, currency: 'eur' } }) })),
  fc
    .record({
      version: fc.integer({ min: 1, max: 4 }),
      status: fc.constantFrom('waiting', 'provisioning', 'provisioned', 'failed'),
      error_message: fc.constantFrom(null, 'No room', 'x'.repeat(1_000)),
    })
    .map((said) => ({ server: server(said) })),
)
const batches = fc.array(fc.array(input, { maxLength: 5 }), { maxLength: 4 })

test('events in batches, cut anywhere, leave in the database what one event after the other leaves in memory', async () => {
  await fc.assert(
    fc.asyncProperty(batches, async (batches) => {
      stories += 1
      const id = `o-${stories}`
      const expected = batches.reduce(inMemory, { ...order(), id })
      await inTransaction(prisma, (tx) => saveOrders(tx, [placed(id)]))
      for (const batch of batches)
        await inTransaction(prisma, (tx) => decideEvents(tx, batch.map(about(id)), now))
      const kept = await inTransaction(prisma, (tx) => lockOrders(tx, [id]))
      expect(kept.get(id)).toEqual(expected)
      const events = await prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
      const versions = events.map(({ envelope }) => JSON.parse(envelope).sequence)
      expect(versions.at(-1)).toBe(expected.version)
    }),
    { numRuns: 40 },
  )
})

const now = new Date('2026-11-23T12:00:00Z')

function placed(id: string) {
  return { order: { ...order(), id }, event: 'order.placed', cause: id, note: null, at: now } as const
}

// Payments before servers, as the service consumes them from two streams.
function inMemory(before: Order, batch: Input[]): Order {
  const payments = batch.flatMap((input) => ('payment' in input ? [input.payment] : []))
  const servers = batch.flatMap((input) => ('server' in input ? [input.server] : []))
  const paid = payments.reduce((order, news) => after(order, applyPayment(order, news)), before)
  return servers.reduce((order, news) => after(order, applyServer(order, news)), paid)
}

function after(before: Order, decision: ReturnType<typeof applyPayment>): Order {
  return decision.kind === 'apply' ? decision.order : before
}

function about(orderId: string): (input: Input) => AnyEvent {
  return (input) => {
    const cause = derivedId(orderId, JSON.stringify(input))
    const common = { source: 'test', cause, time: now }
    const event = readEvent(JSON.stringify(newEvent({ ...saying(input, orderId), ...common })))
    if ('problem' in event) throw new Error(event.problem.message)
    return event
  }
}

function saying(input: Input, order_id: string) {
  if ('server' in input) {
    const { status, version } = input.server
    return {
      type: `server.${status}`,
      subject: order_id,
      version,
      data: { ...input.server, order_id },
    } as const
  }
  const { status, version, payment_id } = input.payment
  const type = status === 'succeeded' ? 'payment.succeeded' : 'payment.failed'
  return { type, subject: payment_id, version, data: { ...input.payment, order_id } } as const
}
