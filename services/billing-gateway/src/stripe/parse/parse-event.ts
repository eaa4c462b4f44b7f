import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import type { FetchedEvent } from '../../rules/fetched-event.ts'
import type { IgnoredEvent, ParseContext } from './context.ts'
import { parseDispute } from './dispute.ts'
import { parseFraudWarning, parseReview } from './fraud.ts'
import {
  parseFailedInvoice,
  parseOverdueInvoice,
  parsePaidInvoice,
  parsePendingInvoice,
  parseSentInvoice,
  parseUncollectibleInvoice,
  parseUpdatedInvoice,
  parseVoidedInvoice,
} from './invoice.ts'
import { parseInvoicePayment } from './invoice-payments.ts'
import { parseRefund, parseRefundedCharge } from './refund.ts'
import {
  parseCompletedSession,
  parseExpiredSession,
  parsePaidSession,
  parseUnpaidSession,
} from './session.ts'
import { parseSubscription } from './subscription.ts'

export type ParsedEvent = { fact: BillingUpdate; happenedAt: Date } | IgnoredEvent

type Parser = (object: unknown, context: ParseContext) => BillingUpdate | IgnoredEvent

/** The event types in use. `payment_intent.*` and `charge.succeeded` would report the same money again. */
const parsers = {
  'checkout.session.completed': parseCompletedSession,
  'checkout.session.async_payment_succeeded': parsePaidSession,
  'checkout.session.async_payment_failed': parseUnpaidSession,
  'checkout.session.expired': parseExpiredSession,
  'invoice.paid': parsePaidInvoice,
  'invoice.payment_failed': parseFailedInvoice,
  'invoice.payment_action_required': parsePendingInvoice,
  'invoice.finalized': parseSentInvoice,
  'invoice.overdue': parseOverdueInvoice,
  'invoice.updated': parseUpdatedInvoice,
  'invoice.marked_uncollectible': parseUncollectibleInvoice,
  'invoice.voided': parseVoidedInvoice,
  'invoice_payment.paid': parseInvoicePayment,
  'customer.subscription.created': parseSubscription,
  'customer.subscription.updated': parseSubscription,
  'customer.subscription.deleted': parseSubscription,
  'customer.subscription.paused': parseSubscription,
  'customer.subscription.resumed': parseSubscription,
  'customer.subscription.pending_update_applied': parseSubscription,
  'customer.subscription.pending_update_expired': parseSubscription,
  'refund.created': parseRefund,
  'refund.updated': parseRefund,
  'refund.failed': parseRefund,
  'charge.refunded': parseRefundedCharge,
  'charge.refund.updated': parseRefund,
  'charge.dispute.created': parseDispute,
  'charge.dispute.updated': parseDispute,
  'charge.dispute.closed': parseDispute,
  'charge.dispute.funds_withdrawn': parseDispute,
  'charge.dispute.funds_reinstated': parseDispute,
  'radar.early_fraud_warning.created': parseFraudWarning,
  'radar.early_fraud_warning.updated': parseFraudWarning,
  'review.opened': parseReview,
  'review.closed': parseReview,
} satisfies Record<string, Parser>

/** The event types that carry a billing update. */
export const handledEventTypes: readonly string[] = Object.keys(parsers)

/** `lookedAt`: when an object was fetched, to the millisecond, instead of being sent as an event. */
type Options = { livemode: boolean; lookedAt?: Date | undefined }

/** The billing update of a stored Stripe event, or the reason why it has none. Throws when the event is malformed. */
export function parseStripeEvent(body: unknown, { livemode, lookedAt }: Options): ParsedEvent {
  const event = eventSchema.parse(body)
  if (event.object === 'v2.core.event') return { ignored: 'thin_event' }
  const { type } = event
  if (!isHandled(type)) return { ignored: 'type_not_used' }
  // The owner of a connected account controls its metadata, and its money is not the seller's.
  if (event.account) return { ignored: 'connected_account' }
  if (event.livemode !== livemode) return { ignored: 'wrong_mode' }
  const happenedAt = lookedAt ?? new Date(event.created * 1000)
  const parse: Parser = parsers[type]
  const parsed = parse(event.data?.object, { at: happenedAt, isFetched: lookedAt !== undefined, type })
  return 'ignored' in parsed ? parsed : { fact: parsed, happenedAt }
}

const eventSchema = z.discriminatedUnion('object', [
  z.object({ object: z.literal('v2.core.event') }),
  z.object({
    object: z.literal('event'),
    type: z.string(),
    livemode: z.boolean(),
    created: z.number().int(),
    account: z.string().nullish(),
    data: z.object({ object: z.unknown() }).optional(),
  }),
])

function isHandled(type: string): type is keyof typeof parsers {
  return Object.hasOwn(parsers, type)
}

/** The billing update of a fetched object; null where it does not parse. */
export function parseFetched({ body, created }: FetchedEvent, livemode: boolean): ParsedEvent | null {
  try {
    return parseStripeEvent(JSON.parse(body), { livemode, lookedAt: created })
  } catch {
    return null
  }
}
