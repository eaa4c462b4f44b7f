import { owning } from '@spawnpoint/stack'
import type { SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestJournal, type TestJournal } from './open-journal.ts'
import { permutationsOf, saleStory, start, subscriptionStory } from './stripe-story.ts'

const cleanUp = owning()
let billing: TestJournal
beforeAll(async () => {
  billing = cleanUp.own(await openTestJournal({ processors: 2 }))
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

const ways = [
  ['a checkout of ours', () => subscriptionStory()],
  [
    'a Payment Link',
    () => subscriptionStory({ metadata: {}, sessionMetadata: { plan: 'small', region: 'eu' } }),
  ],
] as const
// Of 720 orders, every 48th: each event comes first, and last, in some of them.
const sample = Array.from({ length: 15 }, (_, index) => index * 48 + index)

type Story = ReturnType<typeof subscriptionStory>

async function expectPaid(story: Story) {
  expect(await billing.payment(story.subId)).toMatchObject({
    status: 'succeeded',
    checkout_session_id: story.session.id,
    invoice_id: story.bill.id,
    payment_intent_id: 'pi_first',
    paid_until: story.periodEnd,
  })
  const subscription = await billing.subscription(story.subId)
  expect(subscription).toMatchObject({ status: 'active', paid_until: story.periodEnd })
  const published = await billing.published(story.subId)
  const { plan, region, customer_email } = await billing.payment(story.subId)
  expect(published.findLast(({ type }) => type === 'payment.succeeded')?.data).toMatchObject({
    ...{ plan, region, customer_email },
  })
  expect(published.findLast(({ type }) => type === 'subscription.changed')?.data).toEqual(subscription)
}

describe.each(ways)('The first payment of %s', (_, makeStory) => {
  test('is one payment and one subscription, in whatever order its events come one by one', async () => {
    for (const index of sample) {
      const story = makeStory()
      for (const event of permutationsOf(story.six)[index] ?? []) {
        await billing.store([event])
        await billing.settle()
      }
      await expectPaid(story)
    }
  })

  test('is so too when replicas decide many of them at once', async () => {
    const stories = sample.map(() => makeStory())
    const events = stories.flatMap(({ six }, index) => permutationsOf(six)[sample[index] ?? 0] ?? [])
    await Promise.all([billing.store(shuffled(events)), billing.settle(), billing.settle()])
    await billing.settle()
    await billing.settle()
    for (const story of stories) await expectPaid(story)
  })
})

test('a refund and a dispute that come before their payment count once it is there', async () => {
  const story = saleStory()
  const early = [story.refund({ status: 'succeeded', amount: 400 }), story.dispute('needs_response')]
  await billing.store(early)
  await billing.settle()
  // Nobody asks Stripe here; until then it is not known to be ours.
  await billing.prisma
    .$executeRaw`UPDATE stripe_event SET reason = 'looked', waiting_for = NULL, next_attempt_at = UTC_TIMESTAMP(3)
    WHERE reason = 'look'`
  await billing.settle()
  for (const event of early)
    expect(await billing.resultOf(event)).toMatchObject({ reason: 'not_ours', waitingFor: 'pi_sale' })

  await billing.store([story.paid])
  await billing.settle()
  expect(await billing.payment(story.session.id)).toMatchObject({
    refunded: 400,
    dispute: 'open',
    version: 3,
  })
  expect((await billing.published(story.session.id)).map(({ type }) => type).sort()).toEqual([
    'payment.disputed',
    'payment.refunded',
    'payment.succeeded',
  ])
})

test('renewals of a subscription wait for its first payment', async () => {
  const story = subscriptionStory({ metadata: {}, sessionMetadata: { plan: 'small', region: 'eu' } })
  const renewal = story.renewal(1)
  const [paid] = story.invoicePaid(renewal, 'pi_second')
  if (!paid) throw new Error('A paid renewal has its event')
  await billing.store([paid, story.updated({ status: 'active' }, start + 5)])
  await billing.settle()
  expect(await billing.resultOf(paid)).toMatchObject({ outcome: 'ignored', waitingFor: story.subId })
  await billing.store(story.six)
  await billing.settle()
  expect(await billing.payment(String(renewal.id))).toMatchObject({ kind: 'renewal', status: 'succeeded' })
  expect(await billing.subscription(story.subId)).toMatchObject({
    paid_until: new Date((renewal.lines.data[0]?.period.end ?? 0) * 1000).toISOString(),
  })
})

function shuffled(events: SnapshotEvent[]): SnapshotEvent[] {
  return events
    .map((event, index) => ({ event, at: (index * 7_919) % events.length }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event)
}
