import { sql, type Transaction } from '@spawnpoint/database'
import { done, eventually, type Listener, openListener, paymentEvent, paymentEvents } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Decide } from '../src/consumer/inbox.ts'
import { decideParked } from '../src/consumer/parked.ts'

const shortly = { maxWait: 2_000, timeout: 10_000 }
let listener: Listener

beforeEach(async () => {
  listener = await openListener()
  await listener.prisma.$executeRaw(sql`CREATE TABLE fact (name VARCHAR(64) PRIMARY KEY)`)
})
afterEach(() => listener?.[Symbol.asyncDispose]())

/** Needs both facts, and names the first that is missing. */
const needsOrderAndPlan: Decide<Transaction> = async (tx, events, now) => {
  const facts = await tx.$queryRaw<{ name: string }[]>(sql`SELECT name FROM fact FOR UPDATE`)
  const missing = ['order', 'plan'].find((name) => !facts.some((fact) => fact.name === name))
  if (!missing) return done(tx, events, now)
  return new Map(events.map(({ id }) => [id, { outcome: 'parked', waitingFor: missing }]))
}

const bring = (name: string, meanwhile = async () => {}) =>
  listener.prisma.$transaction(async (tx) => {
    await tx.$executeRaw(sql`INSERT INTO fact (name) VALUES (${name})`)
    await decideParked(tx, name, needsOrderAndPlan)
    await meanwhile()
  }, shortly)

const parked = () =>
  listener.prisma.$queryRaw<{ event_id: string; waiting_for: string }[]>(
    sql`SELECT event_id, waiting_for FROM parked_event`,
  )

test('what waits for a fact is decided in the transaction that brings it, and waits on for the next', async () => {
  const events = paymentEvents(3)
  await listener.publish(events)
  listener.listen({ decide: needsOrderAndPlan })
  await eventually(async () => expect(await parked()).toHaveLength(3))
  await bring('order')
  expect((await parked()).map(({ waiting_for }) => waiting_for)).toEqual(['plan', 'plan', 'plan'])
  await bring('plan', async () => expect(await listener.effects()).toEqual([]))
  await listener.allDone(events)
  expect(await parked()).toEqual([])
})

test('a fact that comes between the read and the parking is not missed', async () => {
  await bring('plan')
  const event = paymentEvent('hasty')
  let hasRead = false
  await listener.publish([event])
  listener.listen({
    decide: async (tx, events, now) => {
      const outcomes = await needsOrderAndPlan(tx, events, now)
      if (!hasRead) {
        hasRead = true
        await bring('order')
      }
      return outcomes
    },
  })
  await listener.allDone([event])
  expect(await parked()).toEqual([])
  expect(await listener.inboxOf(event)).toMatchObject({ outcome: 'done' })
})

test('what a fact makes a dead letter of is one', async () => {
  await listener.publish(paymentEvents(1))
  listener.listen({ decide: needsOrderAndPlan })
  await eventually(async () => expect(await parked()).toHaveLength(1))
  await listener.prisma.$transaction(
    (tx) =>
      decideParked(tx, 'order', async (_, events) => {
        return new Map(events.map(({ id }) => [id, { outcome: 'dead', class: 'refused', message: 'Never' }]))
      }),
    shortly,
  )
  expect(await listener.deadLetters()).toMatchObject([{ class: 'refused', last_error: 'Never' }])
})
