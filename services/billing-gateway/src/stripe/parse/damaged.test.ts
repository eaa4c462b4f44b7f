import type { SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { describe, expect, test } from 'vitest'
import { eventOfEachTypeAndVersion } from '../../../test/each-type.ts'
import { inMemoryBilling } from '../../../test/in-memory-billing.ts'
import { handledEventTypes, parseStripeEvent } from './parse-event.ts'

const cases = eventOfEachTypeAndVersion()

test('there is a case for every type that we read', () => {
  expect([...new Set(cases.map(({ event }) => event.type))].sort()).toEqual([...handledEventTypes].sort())
})

const looked = { wasLooked: true }
const otherIds = ['brand_new', 'x_1']

const damages: [string, (event: SnapshotEvent, name: string) => SnapshotEvent][] = [
  ['left out', (event, name) => withObject(event, ({ [name]: _, ...rest }) => rest)],
  ['null', (event, name) => withObject(event, (object) => ({ ...object, [name]: null }))],
  ['an unknown word', (event, name) => withObject(event, (object) => ({ ...object, [name]: 'brand_new' }))],
  ['a number', (event, name) => withObject(event, (object) => ({ ...object, [name]: -1 }))],
  ['another object', (event, name) => withObject(event, (object) => ({ ...object, [name]: { id: 'x_1' } }))],
]

describe.each(cases)('$event.type in the shape of $version', ({ event, before }) => {
  const start = inMemoryBilling()
  start.receiveAll(before, looked)
  const untouched = stateOf(start)
  const whole = inMemoryBilling(start.billing)
  whole.receive(event, looked)
  const intact = stateOf(whole)

  test.each(damages)('with any one field %s gives the same update, or less, or a reason', (_, damage) => {
    for (const name of Object.keys(objectOf(event))) {
      if (name === 'id') continue
      const damaged = damage(event, name)
      if (isReadAs(damaged, event)) continue
      const inMemory = inMemoryBilling(start.billing)
      const received = inMemory.receive(damaged, looked)
      expect(['done', 'ignored', 'failed']).toContain(received.outcome)
      if (received.outcome !== 'done') expect(received.reason).toEqual(expect.any(String))
      // An update of another object has that object's id.
      for (const [key, value] of Object.entries(stateOf(inMemory)))
        if (!otherIds.includes(key))
          expect([untouched[key], intact[key]], `${name}: ${key}`).toContainEqual(value)
    }
  })

  test.each([null, {}, [], 'text', 7])('without an object, %j, is named', (object) => {
    const inMemory = inMemoryBilling()
    const received = inMemory.receive({ ...event, data: { object } })
    expect(received).toMatchObject({ outcome: 'failed', reason: expect.any(String) })
    expect(inMemory.published()).toEqual([])
  })
})

/** What a server depends on: nothing of it may ever be made up. */
function stateOf({ billing }: ReturnType<typeof inMemoryBilling>): Record<string, unknown> {
  const payments = [...billing.payments.values()].map(
    ({ payment_id, status, refunded, refund_pending, dispute, fraud_warning }) =>
      [payment_id, { status, refunded, refund_pending, dispute, isWarned: fraud_warning !== null }] as const,
  )
  const subscriptions = [...billing.subscriptions].map(
    ([id, known]) =>
      [id, { status: known?.subscription.status, uncollectible: known?.subscription.uncollectible }] as const,
  )
  return Object.fromEntries<unknown>([...payments, ...subscriptions])
}

// Most fields are never read.
function isReadAs(event: SnapshotEvent, other: SnapshotEvent): boolean {
  return JSON.stringify(readOf(event)) === JSON.stringify(readOf(other))
}

function readOf(event: SnapshotEvent) {
  try {
    return parseStripeEvent(event, { livemode: false })
  } catch (error) {
    return String(error)
  }
}

function withObject(
  event: SnapshotEvent,
  change: (object: Record<string, unknown>) => object,
): SnapshotEvent {
  return { ...event, data: { object: change(objectOf(event)) } }
}

function objectOf({ data: { object } }: SnapshotEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(Object(object)))
}
