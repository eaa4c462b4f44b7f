import { randomUUID } from 'node:crypto'
import { eventually } from '@spawnpoint/stack'
import { type SnapshotEvent, signedWebhook } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handledEventTypes } from '../src/stripe/parse/parse-event.ts'
import { eventOfEachTypeAndVersion } from './each-type.ts'
import { type Gateway, startGateway } from './gateway.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const objects = [undefined, null, {}, { id: 'x_1' }, [], 'text', { object: 'brand_new', id: 'x_1' }]

test('whatever stands in an event of a type that we read, it is stored, answered 200 and named', async () => {
  const events = handledEventTypes.flatMap((type) => objects.map((object) => odd(type, object)))
  const answers = await Promise.all(events.map((event) => gateway.post(signed(event))))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  await allNamed(events, ['failed'])
  expect(await gateway.prisma.payment.count()).toBe(0)
  expect(await gateway.prisma.outbox.count()).toBe(0)

  // Who is on call sees why, in words.
  const response = await gateway.call('/admin/stripe-events?outcome=failed&type=refund.created&limit=1')
  expect(await response.json()).toMatchObject({ events: [{ error: expect.stringMatching(/^[a-z ]+: \w/) }] })
})

test('an event of each type and of both shapes has an outcome, also when it comes twice', async () => {
  const events = eventOfEachTypeAndVersion().map(({ event }) => event)
  for (const event of [...events, ...events]) expect((await gateway.post(signed(event))).status).toBe(200)
  await allNamed(events, ['done', 'ignored'])
})

test('unused types, also of future versions, are stored and ignored by name', async () => {
  const events = [
    'customer.subscription.teleported',
    'invoice.created',
    'invoice.upcoming',
    'payment_intent.succeeded',
  ]
  const sent = events.map((type) => odd(type, { object: 'invoice' }))
  for (const event of sent) expect((await gateway.post(signed(event))).status).toBe(200)
  await allNamed(sent, ['ignored'])
})

test('events of unused types are stored without the persons in them, and with their ids', async () => {
  const event = odd('customer.updated', {
    object: 'customer',
    id: 'cus_7',
    email: 'alex@example.com',
    name: 'Alex',
    address: { city: 'Alex Town' },
    metadata: { order_id: 'o-1', nick: 'Alex' },
  })
  expect((await gateway.post(signed(event))).status).toBe(200)
  await allNamed([event], ['ignored'])
  const row = await gateway.prisma.stripeEvent.findFirstOrThrow({ where: { eventId: event.id } })
  const body = Buffer.from(row.body).toString()
  expect(body).not.toMatch(/alex/i)
  expect(JSON.parse(body)).toMatchObject({
    id: event.id,
    data: { object: { id: 'cus_7', metadata: { order_id: 'o-1' } } },
  })
})

function signed(event: SnapshotEvent) {
  return signedWebhook(event, gateway.webhookSecret)
}

function odd(type: string, object: unknown): SnapshotEvent {
  return {
    id: `evt_${randomUUID()}`,
    object: 'event',
    api_version: '2030-01-01.brand_new',
    created: 1_790_000_000,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  }
}

function allNamed(events: SnapshotEvent[], outcomes: string[]) {
  return eventually(
    async () => {
      const rows = await gateway.prisma.stripeEvent.findMany({
        where: { eventId: { in: events.map(({ id }) => id) } },
      })
      expect(rows).toHaveLength(events.length)
      for (const row of rows)
        expect(outcomes, `${row.type}: ${row.reason ?? row.error}`).toContain(row.outcome)
    },
    { timeoutMs: 25_000 },
  )
}
