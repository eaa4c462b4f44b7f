import type Stripe from 'stripe'
import { createBuyer } from './buyer.ts'
import { fieldsOf } from './fields.ts'
import type { Scenario } from './scenario.ts'

/** What a scenario left behind: per step the types of its events, and at the end the fields that are read. */
export type Observation = Record<string, string>

/** Runs a scenario in one Stripe, from a time on. Keys name what is compared, values are plain text. */
export async function observe(
  stripe: Stripe,
  scenario: Scenario,
  at: number,
): Promise<{ observation: Observation; start: number }> {
  const seen = new Set<string>()
  const observation: Observation = {}
  const buyer = await createBuyer(stripe, {
    name: scenario.name,
    at,
    ...(scenario.card !== undefined && { card: scenario.card }),
  })
  const step = async (name: string) => {
    const fresh = (await eventsOf(stripe, buyer.customer)).filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    observation[`events, ${name}`] = summaryOf(fresh)
  }
  try {
    await scenario.run(buyer, step)
    Object.assign(observation, await fieldsOf(stripe, buyer.customer, buyer.start))
  } finally {
    await buyer.close()
  }
  return { observation, start: buyer.start }
}

/** The order of what happens in one second is not promised, so each step's types are sorted. */
function summaryOf(events: Stripe.Event[]) {
  return events
    .map(({ type }) => type)
    .sort()
    .join(' ')
}

async function eventsOf(stripe: Stripe, customer: string): Promise<Stripe.Event[]> {
  const listed = await stripe.events.list({ limit: 100, types: readTypes }).autoPagingToArray({ limit: 300 })
  return listed.filter(({ data: { object } }) => concerns(object, customer))
}

function concerns(object: object, customer: string): boolean {
  return 'customer' in object && object.customer === customer
}

/** The types that move money or a subscription; a list of events takes twenty at most. Refunds name no customer: their charge does. */
const readTypes = [
  'charge.refunded',
  'charge.succeeded',
  'charge.failed',
  'customer.subscription.created',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'customer.subscription.updated',
  'invoice.created',
  'invoice.finalized',
  'invoice.marked_uncollectible',
  'invoice.overdue',
  'invoice.paid',
  'invoice.payment_action_required',
  'invoice.payment_failed',
  'invoice.sent',
  'invoice.upcoming',
  'invoice.voided',
]
