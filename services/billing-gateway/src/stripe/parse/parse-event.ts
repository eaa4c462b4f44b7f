import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import type { SeenEvent } from '../../rules/fetched-event.ts'
import { readDispute } from './dispute.ts'
import { readFraudWarning, readReview } from './fraud.ts'
import {
  readFailedInvoice,
  readOverdueInvoice,
  readPaidInvoice,
  readPendingInvoice,
  readSentInvoice,
  readUncollectibleInvoice,
  readUpdatedInvoice,
  readVoidedInvoice,
} from './invoice.ts'
import { readInvoicePayment } from './invoice-payment.ts'
import type { NothingSaid, Reading } from './reading.ts'
import { readRefund, readRefundedCharge } from './refund.ts'
import { readCompletedSession, readExpiredSession, readPaidSession, readUnpaidSession } from './session.ts'
import { readSubscription } from './subscription.ts'

export type Translated = { fact: BillingUpdate; happenedAt: Date } | NothingSaid

type Read = (object: unknown, reading: Reading) => BillingUpdate | NothingSaid

/** What counts of all that Stripe says. `payment_intent.*` and `charge.succeeded` speak of money that these count already. */
const usedTypes = {
  'checkout.session.completed': readCompletedSession,
  'checkout.session.async_payment_succeeded': readPaidSession,
  'checkout.session.async_payment_failed': readUnpaidSession,
  'checkout.session.expired': readExpiredSession,
  'invoice.paid': readPaidInvoice,
  'invoice.payment_failed': readFailedInvoice,
  'invoice.payment_action_required': readPendingInvoice,
  'invoice.finalized': readSentInvoice,
  'invoice.overdue': readOverdueInvoice,
  'invoice.updated': readUpdatedInvoice,
  'invoice.marked_uncollectible': readUncollectibleInvoice,
  'invoice.voided': readVoidedInvoice,
  'invoice_payment.paid': readInvoicePayment,
  'customer.subscription.created': readSubscription,
  'customer.subscription.updated': readSubscription,
  'customer.subscription.deleted': readSubscription,
  'customer.subscription.paused': readSubscription,
  'customer.subscription.resumed': readSubscription,
  'customer.subscription.pending_update_applied': readSubscription,
  'customer.subscription.pending_update_expired': readSubscription,
  'refund.created': readRefund,
  'refund.updated': readRefund,
  'refund.failed': readRefund,
  'charge.refunded': readRefundedCharge,
  'charge.refund.updated': readRefund,
  'charge.dispute.created': readDispute,
  'charge.dispute.updated': readDispute,
  'charge.dispute.closed': readDispute,
  'charge.dispute.funds_withdrawn': readDispute,
  'charge.dispute.funds_reinstated': readDispute,
  'radar.early_fraud_warning.created': readFraudWarning,
  'radar.early_fraud_warning.updated': readFraudWarning,
  'review.opened': readReview,
  'review.closed': readReview,
} satisfies Record<string, Read>

/** The types that say something of money. */
export const usedTypeNames: readonly string[] = Object.keys(usedTypes)

/** `lookedAt`: when an object was looked at, to the millisecond, instead of being sent as an event. */
type Options = { livemode: boolean; lookedAt?: Date | undefined }

/** What a stored Stripe event says, or the name of the reason why it says nothing. Throws when it is malformed. */
export function translate(body: unknown, { livemode, lookedAt }: Options): Translated {
  const event = eventSchema.parse(body)
  if (event.object === 'v2.core.event') return { ignored: 'thin_event' }
  const { type } = event
  if (!isUsed(type)) return { ignored: 'type_not_used' }
  // Whoever owns a connected account writes its metadata as they like, and its money is not the seller's.
  if (event.account) return { ignored: 'connected_account' }
  if (event.livemode !== livemode) return { ignored: 'wrong_mode' }
  const happenedAt = lookedAt ?? new Date(event.created * 1000)
  const read: Read = usedTypes[type]
  const said = read(event.data?.object, { at: happenedAt, isLook: lookedAt !== undefined, type })
  return 'ignored' in said ? said : { fact: said, happenedAt }
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

function isUsed(type: string): type is keyof typeof usedTypes {
  return Object.hasOwn(usedTypes, type)
}

/** What a looked-at object says; null where nobody understands it. */
export function readSeen({ body, created }: SeenEvent, livemode: boolean): Translated | null {
  try {
    return translate(JSON.parse(body), { livemode, lookedAt: created })
  } catch {
    return null
  }
}
