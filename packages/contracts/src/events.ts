import type { z } from 'zod'
import { type Envelope, envelopeSchema } from './envelope.ts'
import { orderChanged } from './events/order-changed.ts'
import { orderDiffered } from './events/order-differed.ts'
import { orderEnded } from './events/order-ended.ts'
import { orderPaid } from './events/order-paid.ts'
import { orderPlaced } from './events/order-placed.ts'
import { orderRefundRequested } from './events/order-refund-requested.ts'
import { orderResumed } from './events/order-resumed.ts'
import { orderSuspended } from './events/order-suspended.ts'
import { orderWarned } from './events/order-warned.ts'
import { paymentDisputed } from './events/payment-disputed.ts'
import { paymentFailed } from './events/payment-failed.ts'
import { paymentFlagged } from './events/payment-flagged.ts'
import { paymentPending } from './events/payment-pending.ts'
import { paymentRefunded } from './events/payment-refunded.ts'
import { paymentSucceeded } from './events/payment-succeeded.ts'
import { serverDrifted } from './events/server-drifted.ts'
import { serverFailed } from './events/server-failed.ts'
import { serverProvisioned } from './events/server-provisioned.ts'
import { serverProvisioning } from './events/server-provisioning.ts'
import { serverResized } from './events/server-resized.ts'
import { serverResumed } from './events/server-resumed.ts'
import { serverSuspended } from './events/server-suspended.ts'
import { serverTerminated } from './events/server-terminated.ts'
import { serverWaiting } from './events/server-waiting.ts'
import { subscriptionChanged } from './events/subscription-changed.ts'
import { subscriptionEnded } from './events/subscription-ended.ts'

/** Every event there is, in the order in which things happen. */
export const events = {
  'order.placed': orderPlaced,
  'payment.pending': paymentPending,
  'payment.succeeded': paymentSucceeded,
  'payment.failed': paymentFailed,
  'payment.flagged': paymentFlagged,
  'payment.disputed': paymentDisputed,
  'payment.refunded': paymentRefunded,
  'subscription.changed': subscriptionChanged,
  'subscription.ended': subscriptionEnded,
  'order.paid': orderPaid,
  'order.changed': orderChanged,
  'order.warned': orderWarned,
  'order.suspended': orderSuspended,
  'order.resumed': orderResumed,
  'order.ended': orderEnded,
  'order.refund_requested': orderRefundRequested,
  'order.differed': orderDiffered,
  'server.waiting': serverWaiting,
  'server.provisioning': serverProvisioning,
  'server.provisioned': serverProvisioned,
  'server.failed': serverFailed,
  'server.resized': serverResized,
  'server.suspended': serverSuspended,
  'server.resumed': serverResumed,
  'server.terminated': serverTerminated,
  'server.drifted': serverDrifted,
} as const

export type EventType = keyof typeof events
export type EventData<Type extends EventType> = z.infer<(typeof events)[Type]['data']>
export type AnyEvent = { [Type in EventType]: Envelope<EventData<Type>> & { type: Type } }[EventType]

export type ReadProblem = {
  class: 'invalid_event' | 'unknown_type' | 'unsupported_version' | 'wrong_subject'
  message: string
}

/**
 * The event in these bytes, checked against its schema; or why it can never be read. `subject` is what NATS brought it on: who may
 * publish there is decided by it alone, so an envelope of another type is somebody else's.
 */
export function readEvent(bytes: Uint8Array | string, subject?: string): AnyEvent | { problem: ReadProblem } {
  const envelope = readEnvelope(bytes)
  if ('problem' in envelope) return envelope
  if (subject !== undefined && subject !== envelope.type)
    return problem('wrong_subject', `An event ${envelope.type} was published as ${subject}`)
  const definition = isKnown(envelope.type) ? events[envelope.type] : undefined
  if (!definition) return problem('unknown_type', `Nobody here knows the event type ${envelope.type}`)
  if (envelope.dataversion > definition.version)
    return problem(
      'unsupported_version',
      `${envelope.type} version ${envelope.dataversion} is newer than ${definition.version}: update this service`,
    )
  const data = definition.data.safeParse(envelope.data)
  if (!data.success) return problem('invalid_event', `${envelope.type}: ${describe(data.error)}`)
  return { ...envelope, data: data.data } as AnyEvent
}

function readEnvelope(bytes: Uint8Array | string): Envelope | { problem: ReadProblem } {
  try {
    const parsed = envelopeSchema.safeParse(
      JSON.parse(typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes)),
    )
    return parsed.success ? parsed.data : problem('invalid_event', describe(parsed.error))
  } catch (error) {
    return problem('invalid_event', `Not JSON: ${String(error)}`)
  }
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(events, type)
}

function describe(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}

function problem(className: ReadProblem['class'], message: string): { problem: ReadProblem } {
  return { problem: { class: className, message } }
}
