import { adapter } from '@spawnpoint/database'
import { createLogger } from '@spawnpoint/service-kit'
import { multiplyRow, openQueryPlans, owning, type QueryPlans, testDatabase } from '@spawnpoint/stack'
import { checkoutSession, eventBody, type SnapshotEvent, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginCheckout } from '../src/checkout/begin-checkout.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { processJournal } from '../src/process/process-journal.ts'
import { removeProcessedEvents } from '../src/process/remove-processed-events.ts'
import { recordSession } from '../src/store/checkouts.ts'
import {
  countStripeEvents,
  failedPayments,
  listStripeEvents,
  longestDue,
  newestJournalRows,
  retryStripeEvent,
} from '../src/store/stripe-events.ts'
import { handledEventTypes } from '../src/stripe/parse/parse-event.ts'
import { openJournal } from '../src/webhook/journal.ts'
import { saleStory, subscriptionStory } from './stripe-story.ts'

const byTime = 'stripe_event by stripe_event_processed_at_next_attempt_at_outcome_idx'
const log = createLogger({ service: 'test', level: 'silent' })
const cleanUp = owning()
let plans: QueryPlans
let prisma: PrismaClient

/** Of 20,000 events that Stripe has sent, 200 wait, and every other one of those failed to parse. */
beforeAll(async () => {
  const { url } = cleanUp.own(await testDatabase('billing'))
  plans = cleanUp.own(await openQueryPlans(url))
  prisma = new PrismaClient({ adapter: plans.watch(adapter(url)) })
  cleanUp.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  await openJournal({ prisma }).append({
    account: '',
    eventId: 'evt_0',
    type: 'checkout.session.completed',
    apiVersion: null,
    livemode: false,
    created: new Date(),
    body: Buffer.from(JSON.stringify(paidSession)),
  })
  await multiplyRow(prisma, 'stripe_event', {
    count: 20_000,
    set: {
      event_id: "CONCAT('evt_', LEFT(SHA2(n, 256), 32))",
      received_at: 'UTC_TIMESTAMP(3) - INTERVAL 30 - n MOD 30 DAY',
      next_attempt_at: 'UTC_TIMESTAMP(3) - INTERVAL 30 - n MOD 30 DAY',
      processed_at: 'IF(n < 19800, UTC_TIMESTAMP(3) - INTERVAL 30 - n MOD 30 DAY, NULL)',
      outcome: "IF(n < 19800, 'done', IF(n MOD 2, 'failed', NULL))",
    },
  })
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

const processor = () => processJournal({ prisma, livemode: false, maxBatch: 64, wakeRelay: () => {}, log })

test('due events are found by the index of their next attempt', async () => {
  const ways = await plans.ways(processor().tick, { atMost: 200 })
  expect(ways).toEqual([`select ${byTime}`, 'select payment by PRIMARY', 'update stripe_event by PRIMARY'])
})

test('waiting events are counted by an index for each health check', async () => {
  const ways = await plans.ways(async () => {
    await countStripeEvents(prisma)
    await failedPayments(prisma, handledEventTypes)
    await longestDue(prisma)
    await newestJournalRows(prisma)
  })
  // The newest 200 alone, from the end.
  expect(ways).toEqual([`select ${byTime}, ${byTime}`, `select ${byTime}`, 'select stripe_event by PRIMARY'])
})

test('old events are found by when they were processed and removed by their keys', async () => {
  const { tick } = removeProcessedEvents({ prisma, retentionDays: 10 })
  expect(await plans.ways(tick)).toEqual([`select ${byTime}`, 'delete stripe_event by PRIMARY'])
})

test('the events of an outcome, and one event, are found among millions', async () => {
  const ways = await plans.ways(async () => {
    await listStripeEvents(prisma, { limit: 50 })
    await listStripeEvents(prisma, { limit: 50, outcome: 'done', before: 10_000 })
    await listStripeEvents(prisma, { limit: 50, outcome: 'failed' })
    await listStripeEvents(prisma, { limit: 50, outcome: 'waiting' })
    await retryStripeEvent(prisma, 'evt_1')
  })
  expect(ways).toEqual([
    'select stripe_event by PRIMARY',
    `select ${byTime}, sorted`,
    'update stripe_event by stripe_event_event_id_account_key',
  ])
})

test('the checkout of an order is found by the order', async () => {
  const ways = await plans.ways(async () => {
    await beginCheckout(prisma, { orderId: 'o-1', requestHash: 'h', expiresAt: new Date() })
    const checkout = { checkout_session_id: 'cs_2', checkout_url: 'u', expires_at: new Date().toISOString() }
    await recordSession(prisma, { orderId: 'o-1', attempt: 1, checkout })
    await beginCheckout(prisma, { orderId: 'o-1', requestHash: 'h', expiresAt: new Date() })
  })
  expect(ways.filter((way) => way.includes('whole'))).toEqual([])
})

test('while nothing is due, a tick is one read', async () => {
  while ((await processor().tick()) > 0);
  const found = await plans.of(processor().tick)
  expect(found).toMatchObject([{ way: `select ${byTime}`, examined: 1 }])
})

test('a batch of new payments costs four statements and its two inserts', async () => {
  const { tick, expect: foretell } = processor()
  const sessions = Array.from({ length: 40 }, () =>
    checkoutSession({ metadata: { plan: 'small', region: 'eu' } }),
  )
  await storeEvents(sessions.map((session) => stripeEvent('checkout.session.completed', session)))
  foretell()
  const found = await plans.of(tick)
  expect(found.map(({ way }) => way.replace(byTime, 'what is due'))).toEqual([
    'select what is due',
    'select payment by PRIMARY',
    'update stripe_event by PRIMARY',
    'update stripe_event by stripe_event_waiting_for_idx',
  ])
  expect(await prisma.payment.count()).toBeGreaterThanOrEqual(40)
})

test('renewals, refunds, disputes and warnings find what they are of by indexes', async () => {
  await multiplyRow(prisma, 'payment', {
    count: 5_000,
    set: {
      id: "CONCAT('in_', LEFT(SHA2(n, 256), 24))",
      payment_intent_id: "CONCAT('pi_', LEFT(SHA2(n, 256), 24))",
      invoice_id: "CONCAT('in_', LEFT(SHA2(n, 256), 24))",
      subscription_id: "CONCAT('sub_', LEFT(SHA2(n, 256), 24))",
    },
  })
  const story = subscriptionStory()
  const sale = saleStory()
  await storeEvents([
    ...story.six,
    ...story.invoicePaid(story.renewal(1), 'pi_second'),
    sale.paid,
    sale.refund({}),
    sale.dispute('needs_response'),
    sale.warning(),
  ])
  const ways = await plans.ways(async () => {
    while ((await processor().tick()) > 0);
  })
  expect(ways.filter((way) => /whole|sorted/.test(way))).toEqual([])
})

async function storeEvents(events: SnapshotEvent[]) {
  const journal = openJournal({ prisma })
  for (const event of events)
    await journal.append({
      account: '',
      eventId: event.id,
      type: event.type,
      apiVersion: event.api_version,
      livemode: false,
      created: new Date(event.created * 1000),
      body: Buffer.from(eventBody(event)),
    })
}

const paidSession = {
  object: 'event',
  type: 'checkout.session.completed',
  livemode: false,
  created: 1,
  data: {
    object: {
      id: 'cs_1',
      object: 'checkout.session',
      mode: 'payment',
      livemode: false,
      payment_status: 'paid',
      amount_total: 999,
      currency: 'eur',
      metadata: { plan: 'small', region: 'eu' },
    },
  },
}
