import Stripe from 'stripe'
import { asOfApiVersion, currentApiVersion, previousAsOfApiVersion } from './api-version.ts'
import { newId } from './ids.ts'

/** A snapshot event of one of Stripe's types around an object, e.g. `stripeEvent('checkout.session.completed', checkoutSession())`. */
export function stripeEvent<T extends EventType>(
  type: T,
  object: ObjectOf<T>,
  options: EventOptions<ObjectOf<T>> = {},
): SnapshotEvent<T, ObjectOf<T>> {
  return {
    id: options.id ?? newId('evt'),
    object: 'event',
    ...(options.account !== undefined && { account: options.account }),
    api_version: options.apiVersion ?? currentApiVersion,
    created: options.created ?? Math.floor(Date.now() / 1000),
    data: {
      object,
      ...(options.previousAttributes && { previous_attributes: options.previousAttributes }),
    },
    livemode: options.livemode ?? false,
    pending_webhooks: options.pendingWebhooks ?? 1,
    request: options.request ?? { id: null, idempotency_key: null },
    type,
  }
}

/** The thin twin of a snapshot event: it names the object and leaves fetching it to the receiver. */
export function thinEvent(event: SnapshotEvent): ThinEvent {
  const related = relatedObject(event.data.object)
  return {
    id: newId('evt_test'),
    object: 'v2.core.event',
    type: `v1.${event.type}`,
    livemode: event.livemode,
    created: new Date(event.created * 1000).toISOString(),
    ...(event.account !== undefined && { context: event.account }),
    ...(related && { related_object: related }),
    snapshot_event: event.id,
  }
}

/** Exactly what Stripe posts: the body's bytes and their headers. A snapshot takes the shape of its `api_version`. */
export function signedWebhook(
  event: SnapshotEvent | ThinEvent | string,
  secret: string,
  { timestamp = Math.floor(Date.now() / 1000) }: { timestamp?: number } = {},
): SignedWebhook {
  const body = typeof event === 'string' ? event : eventBody(event)
  return {
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }),
    },
  }
}

export function eventBody(event: SnapshotEvent | ThinEvent) {
  return JSON.stringify(event.object === 'event' ? eventAsSent(event) : event, null, 2)
}

/** Events keep today's shape in memory and put on the shape of their own version only on the way out. */
export function eventAsSent(event: SnapshotEvent): SnapshotEvent {
  const { object, previous_attributes: previous } = event.data
  if (!isStripeObject(object)) return event
  const data = {
    object: asOfApiVersion(object, event.api_version),
    ...(previous && { previous_attributes: previousAsOfApiVersion(previous, object, event.api_version) }),
  }
  return { ...event, data }
}

export type EventType = Stripe.Event['type']
/** An upcoming invoice does not exist yet, and so has no id. */
export type ObjectOf<T extends EventType> = T extends 'invoice.upcoming'
  ? Omit<Stripe.Invoice, 'id'>
  : Extract<Stripe.Event, { type: T }>['data']['object']

/** A snapshot event: it carries the whole object as it was when the event happened. */
export type SnapshotEvent<T extends string = string, O = unknown> = {
  id: string
  object: 'event'
  api_version: string
  created: number
  data: { object: O; previous_attributes?: Partial<O> }
  livemode: boolean
  pending_webhooks: number
  request: EventRequest
  type: T
  account?: string
}

export type EventRequest = { id: string | null; idempotency_key: string | null }

export type EventOptions<O> = {
  id?: string
  /** Unix seconds, as in Stripe's own field: two events of one second are common. */
  created?: number
  apiVersion?: string
  previousAttributes?: Partial<O>
  livemode?: boolean
  pendingWebhooks?: number
  request?: EventRequest
  /** The connected account it happened on; only Connect endpoints see this. */
  account?: string
}

export type ThinEvent = {
  id: string
  object: 'v2.core.event'
  type: string
  livemode: boolean
  created: string
  context?: string
  related_object?: { id: string; type: string; url: string }
  snapshot_event?: string
}

export type SignedWebhook = {
  body: string
  headers: { 'content-type': string; 'user-agent': string; 'stripe-signature': string }
}

function relatedObject(object: unknown) {
  if (!isStripeObject(object) || !('id' in object) || typeof object.id !== 'string') return undefined
  const { id, object: type } = object
  return { id, type, url: `/v1/${paths[type] ?? `${type}s`}/${id}` }
}

const paths: Record<string, string> = { 'checkout.session': 'checkout/sessions' }

function isStripeObject(value: unknown): value is { object: string } {
  return typeof value === 'object' && value !== null && 'object' in value && typeof value.object === 'string'
}
