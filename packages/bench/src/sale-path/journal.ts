import { eventBody, paymentIntent, type SnapshotEvent, stripeEvent } from '@spawnpoint/stripe-simulator'
import type { Database } from '../testbed/database.ts'
import { sendWebhook, type WebhookTarget } from './send-webhook.ts'

/** Stores events as the gateway stores them. They stay where they are until they are released. */
export async function fillJournal(billing: Database, events: SnapshotEvent[]): Promise<void> {
  await billing.executeEach(
    `INSERT INTO stripe_event
       (account, event_id, type, api_version, livemode, created, body, received_at, source, next_attempt_at)
     VALUES ('', ?, ?, ?, FALSE, UTC_TIMESTAMP(3), ?, UTC_TIMESTAMP(3), 'webhook', '2100-01-01')`,
    events.map((event) => [event.id, event.type, event.api_version, Buffer.from(eventBody(event))]),
  )
}

/** Makes all of them due, and gives the moment from which on they are. */
export async function releaseJournal(billing: Database, gateway: WebhookTarget): Promise<number> {
  await billing.execute(
    'UPDATE stripe_event SET next_attempt_at = UTC_TIMESTAMP(3) WHERE processed_at IS NULL',
  )
  const releasedAt = performance.now()
  // Any webhook wakes the translator, which would otherwise look by itself within half a second.
  await sendWebhook(gateway, stripeEvent('payment_intent.created', paymentIntent()))
  return releasedAt
}
