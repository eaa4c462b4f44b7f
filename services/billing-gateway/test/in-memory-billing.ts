import { eventBody, type SnapshotEvent } from '@spawnpoint/stripe-simulator'
import { applyUpdate } from '../src/rules/apply-update.ts'
import { type BillingState, emptyBillingState } from '../src/rules/billing-state.ts'
import type { UpdateResult } from '../src/rules/billing-update.ts'
import { publishedPayment } from '../src/rules/payment.ts'
import { type ParsedEvent, parseStripeEvent } from '../src/stripe/parse/parse-event.ts'

type Received = {
  outcome: UpdateResult['outcome'] | 'failed'
  reason?: string
  waitingFor?: string | null
  target?: string
}

/** The rules without a database: each event is applied at once, and again once the link is there that it waits for. */
export function inMemoryBilling(before: BillingState = emptyBillingState()) {
  const billing = structuredClone(before)
  let waiting: { event: SnapshotEvent; waitingFor: string }[] = []

  function receive(event: SnapshotEvent, { wasLooked = false, lookedAt }: Looked = {}): Received {
    const received = decideEvent(billing, event, { wasLooked, lookedAt })
    if (received.waitingFor) waiting.push({ event, waitingFor: received.waitingFor })
    const due = waiting.filter(({ waitingFor }) => billing.links.has(waitingFor))
    billing.links.clear()
    if (due.length === 0) return received
    waiting = waiting.filter((each) => !due.includes(each))
    for (const each of due) receive(each.event, { wasLooked })
    return received
  }

  return {
    billing,
    receive,
    receiveAll: (events: SnapshotEvent[], looked: Looked = {}) =>
      events.map((event) => receive(event, looked)),
    payment: (id: string) => {
      const payment = billing.payments.get(id)
      return payment ? publishedPayment(payment) : null
    },
    subscription: (id: string) => billing.subscriptions.get(id)?.subscription ?? null,
    /** What was published, in order. */
    published: () => billing.outgoing.map(({ type }) => type),
  }
}

// The same events are received in hundreds of orders.
const readOnce = new WeakMap<SnapshotEvent, ParsedEvent>()

function readEvent(event: SnapshotEvent, lookedAt?: Date): ParsedEvent {
  return parseStripeEvent(JSON.parse(eventBody(event)), { livemode: false, lookedAt })
}

type Looked = { wasLooked?: boolean; lookedAt?: Date | undefined }

function decideEvent(
  billing: BillingState,
  event: SnapshotEvent,
  { wasLooked = false, lookedAt }: Looked,
): Received {
  try {
    const read = lookedAt ? readEvent(event, lookedAt) : (readOnce.get(event) ?? readEvent(event))
    if (!lookedAt) readOnce.set(event, read)
    if ('ignored' in read) return { outcome: 'ignored', reason: read.ignored }
    return applyUpdate(billing, read.fact, { happenedAt: read.happenedAt, wasLooked })
  } catch (error) {
    return { outcome: 'failed', reason: String(error) }
  }
}
