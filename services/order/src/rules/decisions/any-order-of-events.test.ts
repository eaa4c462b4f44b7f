import { type Payment, type ServerState, serverStatuses } from '@spawnpoint/contracts'
import { newEvent } from '@spawnpoint/messaging'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { order, payment, server } from '../../../test/fixtures.ts'
import { isPaidInFull } from '../billing/paid-in-full.ts'
import type { Decision } from '../order/decision.ts'
import { type Order, orderState } from '../order/order.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer } from './apply-server.ts'

type Input = { payment: Payment } | { server: ServerState }

const runs = { numRuns: 2_000 }

// As the gateway says them: pending, then perhaps failed, then perhaps paid; the amount of a session never changes.
const payments = (id: string) =>
  fc
    .record({
      statuses: fc.subarray<Payment['status']>(['pending', 'failed', 'succeeded']),
      amount: fc.constantFrom(999, 999, 1, 998),
    })
    .map(({ statuses, amount }) =>
      statuses.map((status, index) => ({
        payment: payment({
          payment_id: id,
          order_id: 'o-1',
          version: index + 1,
          status,
          paid: { amount, currency: 'eur' },
        }),
      })),
    )

const servers = fc.array(fc.constantFrom(...serverStatuses), { maxLength: 4 }).map((statuses) =>
  statuses.map((status, index) => ({
    server: server({
      version: index + 1,
      status,
      ptero_server_id: status === 'waiting' ? null : 7,
      error_message: status === 'failed' ? `failed in version ${index + 1}` : null,
    }),
  })),
)

const inputs: fc.Arbitrary<Input[]> = fc
  .tuple(payments('cs_1'), payments('cs_2'), payments('cs_3'), servers)
  .map((lists) => lists.flat())

/** The same inputs as they may really come: in any order, each of them once or more. */
const deliveries = inputs.chain((all) =>
  all.length === 0
    ? fc.constant({ all, delivered: all })
    : fc
        .tuple(shuffled(all), fc.array(fc.constantFrom(...all), { maxLength: 6 }))
        .chain(([once, again]) => shuffled([...once, ...again]))
        .map((delivered) => ({ all, delivered })),
)

test('any order of any events, however often each arrives, ends in the state that the events imply', () => {
  fc.assert(
    fc.property(deliveries, ({ all, delivered }) => {
      const { order } = consume(delivered)
      const implied = impliedBy(all)
      expect(order).toMatchObject(implied.state)
      expect(implied.payments).toContain(order.payment_id)
    }),
    runs,
  )
})

test('a payment stays paid and a server stays: late events never undo later ones', () => {
  fc.assert(
    fc.property(deliveries, ({ delivered }) => {
      for (const [before, after] of steps(delivered)) {
        expect(after.version).toBeGreaterThanOrEqual(before.version)
        expect(after.server_version).toBeGreaterThanOrEqual(before.server_version)
        if (before.billing_status === 'paid') expect(after.billing_status).toBe('paid')
        if (before.desired === 'running') expect(after).toMatchObject({ desired: 'running' })
        if (before.desired === 'running') expect(after.payment_id).toBe(before.payment_id)
      }
    }),
    runs,
  )
})

test('order.paid is published once, and versions only grow', () => {
  fc.assert(
    fc.property(deliveries, ({ all, delivered }) => {
      const { events } = consume(delivered)
      const wanted = impliedBy(all).state.desired === 'running' ? 1 : 0
      expect(events.filter(({ type }) => type === 'order.paid')).toHaveLength(wanted)
      const versions = events.map(({ sequence }) => sequence)
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
    }),
    runs,
  )
})

test('deciding again, from the start or after a crash anywhere, makes events with the same ids', () => {
  fc.assert(
    fc.property(deliveries, fc.nat(20), ({ delivered }, crashAt) => {
      const ids = consume(delivered).events.map(({ id }) => id)
      // What came before the crash is committed, and is deliveries once more.
      const redelivered = [
        ...delivered.slice(0, crashAt),
        ...delivered.slice(0, crashAt),
        ...delivered.slice(crashAt),
      ]
      expect(consume(redelivered).events.map(({ id }) => id)).toEqual(ids)
      expect(consume(delivered).events.map(({ id }) => id)).toEqual(ids)
    }),
    runs,
  )
})

function impliedBy(all: Input[]) {
  const paid = all.flatMap((input) => ('payment' in input ? [input.payment] : []))
  const delivered = all.flatMap((input) => ('server' in input ? [input.server] : []))
  const money = paid.filter(({ status }) => status === 'succeeded')
  const inFull = money.filter((one) => isPaidInFull(one, order().price))
  const failures = paid.filter(({ status }) => status === 'failed')
  const newest = delivered.at(-1)
  const base = {
    server_version: newest?.version ?? 0,
    ptero_server_id: newest?.ptero_server_id ?? null,
  }
  if (inFull.length > 0) {
    const server = {
      waiting: 'paid',
      provisioning: 'provisioning',
      provisioned: 'provisioned',
      failed: 'error',
      suspended: 'suspended',
      terminated: 'terminated',
    }
    const status = newest ? server[newest.status] : 'paid'
    const state = { ...base, status, billing_status: 'paid', desired: 'running' }
    return { state: { ...state, error_message: newest?.error_message ?? null }, payments: idsOf(inFull) }
  }
  if (money.length > 0)
    return {
      state: { ...base, status: 'error', billing_status: 'paid', desired: 'none' },
      payments: idsOf(money),
    }
  const unpaid = { ...base, billing_status: 'unpaid', desired: 'none' }
  if (failures.length > 0) return { state: { ...unpaid, status: 'cancelled' }, payments: idsOf(failures) }
  const underWay = paid.length > 0 ? idsOf(paid) : [null]
  return { state: { ...unpaid, status: 'pending', error_message: null }, payments: underWay }
}

function idsOf(payments: Payment[]): (string | null)[] {
  return payments.map(({ payment_id }) => payment_id)
}

function consume(delivered: Input[]) {
  const decisions = decide(delivered)
  return {
    order: decisions.at(-1)?.after ?? order(),
    events: decisions.flatMap(({ input, decision, after }) =>
      decision.kind === 'apply' && decision.event !== null
        ? [
            newEvent({
              source: 'order',
              cause: causeOf(input),
              type: decision.event,
              subject: after.id,
              version: after.version,
              data: orderState(after),
              time: new Date(0),
            }),
          ]
        : [],
    ),
  }
}

function steps(delivered: Input[]): [Order, Order][] {
  return decide(delivered).map(({ before, after }) => [before, after])
}

function decide(delivered: Input[]) {
  let current = order()
  return delivered.map((input) => {
    const before = current
    const decision: Decision =
      'payment' in input ? applyPayment(before, input.payment) : applyServer(before, input.server)
    if (decision.kind === 'apply') current = decision.order
    return { input, before, decision, after: current }
  })
}

function causeOf(input: Input): string {
  return 'payment' in input
    ? `${input.payment.payment_id}/${input.payment.status}`
    : `${input.server.order_id}/${input.server.version}`
}

function shuffled<T>(items: T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length })
}
