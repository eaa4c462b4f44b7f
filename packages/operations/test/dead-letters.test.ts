import { againAfterRaces, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, type Decide } from '@spawnpoint/messaging'
import { baseEnv, createHttp } from '@spawnpoint/service-kit'
import {
  done,
  eventually,
  type Listener,
  log,
  openListener,
  paymentEvent,
  paymentEvents,
} from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addDeadLetterRoutes } from '../src/dead-letters/dead-letter-routes.ts'

const key = 'test-secret-0123456789'
let listener: Listener
let decide: Decide<Transaction>
let wakes: number
let send: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: never }>

const refuse: Decide<Transaction> = async (_, events) =>
  new Map(events.map(({ id }) => [id, { outcome: 'dead', class: 'refused', message: 'Not like this' }]))

beforeEach(async () => {
  listener = await openListener()
  decide = refuse
  wakes = 0
  const app = createHttp({
    isOutage: () => false,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`operator:${key}`),
    routeScopes: {},
    checks: {},
    summary: async () => ({}),
    log,
  })
  addDeadLetterRoutes(app, {
    prisma: listener.prisma,
    consumers: [{ name: 'test-billing', stream: 'BILLING', decide: (...all) => decide(...all) }],
    wake: () => {
      wakes += 1
    },
    log,
  })
  send = async (method, path, body) => {
    const response = await app.request(path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as never }
  }
})
afterEach(() => listener?.[Symbol.asyncDispose]())

async function deadLettered(count: number) {
  const events = paymentEvents(count)
  await listener.publish(events)
  const consumer = listener.listen({ decide: (...all) => decide(...all) })
  await eventually(async () => expect(await listener.deadLetters()).toHaveLength(count))
  await eventually(async () => expect((await listener.durable()).num_ack_pending).toBe(0))
  await consumer.stop()
  return events
}

const redrive = (body: unknown) => send('POST', '/admin/dead-letters/redrive', body)

test('redrive really decides again: the effect, the outcome and what follows commit together', async () => {
  const [event] = await deadLettered(1)
  if (!event) throw new Error('One event')
  decide = async (tx, events, now) => {
    await appendOutbox(tx, [paymentEvent('follows')])
    return done(tx, events, now)
  }
  expect(await redrive({ ids: [event.id] })).toMatchObject({
    status: 200,
    body: { results: [{ id: event.id, outcome: 'done' }], remaining: 0 },
  })
  await listener.allDone([event])
  expect(await listener.prisma.$queryRaw(sql`SELECT event_id FROM outbox`)).toHaveLength(1)
  expect(await listener.inboxOf(event)).toMatchObject({ outcome: 'done' })
  expect(await listener.deadLetters()).toMatchObject([
    { attempts: 2, resolved_at: expect.any(Date), resolved_by: 'operator', note: 'Driven again: done' },
  ])
  expect(wakes).toBe(1)
})

test('dead again keeps the first error beside the last, and can be driven again', async () => {
  const [event] = await deadLettered(1)
  if (!event) throw new Error('One event')
  decide = async (_, events) =>
    new Map(events.map(({ id }) => [id, { outcome: 'dead', class: 'other', message: 'Nor like that' }]))
  expect(await redrive({ ids: [event.id] })).toMatchObject({ body: { results: [{ outcome: 'dead' }] } })
  expect(await listener.deadLetters()).toMatchObject([
    {
      class: 'other',
      first_error: 'Not like this',
      last_error: 'Nor like that',
      attempts: 2,
      resolved_at: null,
    },
  ])
  decide = async () => {
    throw new Error('It still breaks')
  }
  expect(await redrive({ ids: [event.id] })).toMatchObject({ body: { results: [{ outcome: 'failed' }] } })
  expect(await listener.deadLetters()).toMatchObject([
    { last_error: 'Error: It still breaks', attempts: 3, resolved_at: null },
  ])
  expect(await listener.inboxOf(event)).toMatchObject({ outcome: 'dead' })
  decide = done
  await redrive({ ids: [event.id] })
  await listener.allDone([event])
})

test('two operators who press at once have it decided once', async () => {
  const [event] = await deadLettered(1)
  if (!event) throw new Error('One event')
  decide = done
  const answers = await Promise.all(Array.from({ length: 5 }, () => redrive({ ids: [event.id] })))
  await listener.allDone([event])
  const outcomes = answers.map(
    ({ body }: { body: { results: { outcome: string }[] } }) => body.results[0]?.outcome,
  )
  expect(outcomes.toSorted()).toEqual([...Array(4).fill('already_resolved'), 'done'])
})

test('by filter, oldest first and so many at a time', async () => {
  const events = await deadLettered(5)
  await againAfterRaces(() =>
    listener.prisma.$executeRaw(
      sql`UPDATE dead_letter SET class = 'elsewhere' WHERE event_id = ${events[0]?.id ?? ''}`,
    ),
  )
  decide = done
  expect(await redrive({ filter: { class: 'refused' }, limit: 3 })).toMatchObject({
    body: { results: [{}, {}, {}], remaining: 1 },
  })
  expect(await redrive({ filter: { class: 'refused' } })).toMatchObject({ body: { remaining: 0 } })
  await listener.allDone(events.slice(1))
})

test('a message that nobody can read stays dead and says why', async () => {
  await listener.publish([])
  const client = (await listener.nats.connection()).jetstream()
  await client.publish('payment.odd', '{"half":')
  listener.listen()
  await eventually(async () => expect(await listener.deadLetters()).toHaveLength(1))
  expect(await redrive({ ids: ['BILLING/1'] })).toMatchObject({
    body: { results: [{ outcome: 'unreadable', detail: expect.stringContaining('Not JSON') }] },
  })
  expect(await listener.deadLetters()).toMatchObject([{ attempts: 2, resolved_at: null }])
})

test('what was decided meanwhile is closed, not decided twice', async () => {
  const [event] = await deadLettered(1)
  if (!event) throw new Error('One event')
  await againAfterRaces(() => listener.prisma.$executeRaw(sql`UPDATE inbox SET outcome = 'done'`))
  decide = done
  expect(await redrive({ ids: [event.id, 'no-such-letter'] })).toMatchObject({
    body: { results: [{ outcome: 'already_decided' }, { outcome: 'not_found' }] },
  })
  expect(await listener.effects()).toEqual([])
})

test('they are listed page by page, and resolved with a note', async () => {
  const events = await deadLettered(5)
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { body: { data: { id: string; class: string }[]; next_cursor: string | null } } = await send(
      'GET',
      `/admin/dead-letters?limit=2&class=refused${cursor && `&starting_after=${cursor}`}`,
    )
    seen.push(...page.body.data.map(({ id }) => id))
    cursor = page.body.next_cursor
  }
  expect(seen.toSorted()).toEqual(events.map(({ id }) => id).toSorted())
  expect(
    await send('POST', '/admin/dead-letters/resolve', { ids: [events[0]?.id], note: 'Refunded by hand' }),
  ).toMatchObject({ body: { resolved: 1 } })
  expect(
    await send('POST', '/admin/dead-letters/resolve', {
      filter: { type: 'payment.failed' },
      note: 'Test data',
    }),
  ).toMatchObject({ body: { resolved: 4 } })
  expect(await send('GET', '/admin/dead-letters')).toMatchObject({ body: { data: [] } })
  expect(await send('GET', '/admin/dead-letters?state=resolved&limit=100')).toMatchObject({
    body: { data: [{}, {}, {}, {}, {}], has_more: false },
  })
})

test.each([
  ['neither ids nor filter', {}],
  ['both', { ids: ['a'], filter: {} }],
  ['an unknown filter', { filter: { colour: 'red' } }],
  ['no time', { filter: { since: 'yesterday' } }],
  ['101 ids', { ids: Array.from({ length: 101 }, (_, n) => `${n}`) }],
])('%s is refused', async (_, body) => {
  expect(await redrive(body)).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
})
