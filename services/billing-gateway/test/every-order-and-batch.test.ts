import { inSoak, owning } from '@spawnpoint/stack'
import type { SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestJournal, type TestJournal } from './open-journal.ts'
import { permutationsOf, subscriptionStory } from './stripe-story.ts'

vi.setConfig({ testTimeout: 240_000 })

const cleanUp = owning()
let billing: TestJournal
beforeAll(async () => {
  billing = cleanUp.own(await openTestJournal())
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

// The decisive events of a sale by Payment Link: only its session names the plan. With its creation,
// which every later state replaces, there are ten times as many ways.
const link = () => subscriptionStory({ metadata: {}, sessionMetadata: { plan: 'small', region: 'eu' } })
const decisive = process.env.EVERY_EVENT ? [0, 1, 2, 3, 4] : [1, 2, 3, 4]

test('every order of a sale, in whatever batches, ends in the same published state', async () => {
  const ends = new Map<string, string>()
  const orders = permutationsOf(decisive)
  const every = splitsOf(decisive.length)
  const splits = inSoak(every, every.filter(isRepresentative))
  for (const order of orders)
    for (const sizes of splits) {
      const story = link()
      const events = order.map((index) => story.six[index]).filter((event) => event !== undefined)
      // Of one batch the journal keeps the order of the ids.
      const named = events.map(
        (event, index): SnapshotEvent => ({ ...event, id: `evt_${index}_${event.id}` }),
      )
      for (const batch of batchesOf(named, sizes)) {
        await billing.store(batch)
        await billing.settle()
      }
      ends.set(await endOf(story), `${order} in batches of ${sizes}`)
    }
  expect(orders).toHaveLength(decisive.length === 5 ? 120 : 24)
  expect([...ends.values()]).toHaveLength(1)
})

// One by one, all at once, and in halves.
function isRepresentative(sizes: number[]): boolean {
  return new Set(sizes).size === 1
}

/** What was published last, without the ids of this sale. */
async function endOf({ subId, session, bill, periodEnd }: ReturnType<typeof link>): Promise<string> {
  const published = await billing.published(subId)
  const payment = published.findLast(({ type }) => type === 'payment.succeeded')?.data
  const subscription = published.findLast(({ type }) => type === 'subscription.changed')?.data
  const { plan, region, customer_email, paid, kind, nothing_owed, subscription_id } = payment
  const sale = {
    plan,
    region,
    customer_email,
    paid,
    kind,
    nothing_owed,
    isOfSale: subscription_id === subId,
  }
  const { status, paid_until } = subscription
  const stored = await billing.payment(subId)
  const links = {
    session: stored.checkout_session_id === session.id,
    invoice: stored.invoice_id === bill.id,
    intent: stored.payment_intent_id,
    end: paid_until === periodEnd,
  }
  return JSON.stringify({ sale, status, links })
}

/** The ways to cut so many into batches: 1+1+1, 1+2, 2+1, 3. */
function splitsOf(count: number): number[][] {
  if (count === 0) return [[]]
  return Array.from({ length: count }, (_, index) => index + 1).flatMap((size) =>
    splitsOf(count - size).map((rest) => [size, ...rest]),
  )
}

function batchesOf<Item>(items: Item[], sizes: number[]): Item[][] {
  let from = 0
  return sizes.map((size) => {
    from += size
    return items.slice(from - size, from)
  })
}
