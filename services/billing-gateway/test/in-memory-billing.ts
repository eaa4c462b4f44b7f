import { eventBody, type SnapshotEvent } from '@spawnpoint/simulators'
import { applyUpdate } from '../src/rules/apply-update.ts'
import { type BillingState, emptyBillingState } from '../src/rules/billing-state.ts'
import type { UpdateResult } from '../src/rules/billing-update.ts'
import { publishedPayment } from '../src/rules/payment.ts'
import { type ParsedEvent, parseStripeEvent } from '../src/stripe/parse/parse-event.ts'

type Heard = {
  outcome: UpdateResult['outcome'] | 'failed'
  reason?: string
  waitingFor?: string | null
  target?: string
}

/** The rules without a database: what is heard is decided at once, and what waits for a link is decided again once it is there. */
export function paperBooks(before: BillingState = emptyBillingState()) {
  const billing = structuredClone(before)
  let waiting: { event: SnapshotEvent; waitingFor: string }[] = []

  function hear(event: SnapshotEvent, { wasLooked = false, lookedAt }: Looked = {}): Heard {
    const heard = decideEvent(billing, event, { wasLooked, lookedAt })
    if (heard.waitingFor) waiting.push({ event, waitingFor: heard.waitingFor })
    const due = waiting.filter(({ waitingFor }) => billing.links.has(waitingFor))
    billing.links.clear()
    if (due.length === 0) return heard
    waiting = waiting.filter((each) => !due.includes(each))
    for (const each of due) hear(each.event, { wasLooked })
    return heard
  }

  return {
    billing,
    hear,
    hearAll: (events: SnapshotEvent[], looked: Looked = {}) => events.map((event) => hear(event, looked)),
    payment: (id: string) => {
      const payment = billing.payments.get(id)
      return payment ? publishedPayment(payment) : null
    },
    subscription: (id: string) => billing.subscriptions.get(id)?.subscription ?? null,
    /** What others were told, in order. */
    said: () => billing.outgoing.map(({ type }) => type),
  }
}

// The same events are heard in hundreds of orders.
const readOnce = new WeakMap<SnapshotEvent, ParsedEvent>()

function readEvent(event: SnapshotEvent, lookedAt?: Date): ParsedEvent {
  return parseStripeEvent(JSON.parse(eventBody(event)), { livemode: false, lookedAt })
}

type Looked = { wasLooked?: boolean; lookedAt?: Date | undefined }

function decideEvent(
  billing: BillingState,
  event: SnapshotEvent,
  { wasLooked = false, lookedAt }: Looked,
): Heard {
  try {
    const read = lookedAt ? readEvent(event, lookedAt) : (readOnce.get(event) ?? readEvent(event))
    if (!lookedAt) readOnce.set(event, read)
    if ('ignored' in read) return { outcome: 'ignored', reason: read.ignored }
    return applyUpdate(billing, read.fact, { happenedAt: read.happenedAt, wasLooked })
  } catch (error) {
    return { outcome: 'failed', reason: String(error) }
  }
}
