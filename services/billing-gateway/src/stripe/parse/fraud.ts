import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import { id, idOrObject } from './fields.ts'
import { clipped } from './metadata.ts'

const warningSchema = z.object({
  id,
  object: z.literal('radar.early_fraud_warning'),
  fraud_type: z.string().nullish(),
  payment_intent: idOrObject,
  charge: idOrObject,
})

const reviewSchema = z.object({
  id,
  object: z.literal('review'),
  open: z.boolean(),
  reason: z.string().nullish(),
  closed_reason: z.string().nullish(),
  payment_intent: idOrObject,
  charge: idOrObject,
})

/** From the card's bank, which never withdraws it. */
export function parseFraudWarning(object: unknown): BillingUpdate {
  const { id: signalId, fraud_type, payment_intent, charge } = warningSchema.parse(object)
  const sentence = `The card's bank warns of fraud: ${wordsOf(fraud_type ?? 'no reason given')}.`
  return signalOf({ signalId, payment_intent, charge, sentence, isCleared: false })
}

/** Stripe's Radar or the seller asks for a review; only an approval clears it. */
export function parseReview(object: unknown): BillingUpdate {
  const { id: signalId, reason, open, closed_reason, payment_intent, charge } = reviewSchema.parse(object)
  const why = open ? reason : closed_reason
  const sentence = `The payment ${open ? 'is' : 'was'} under review at Stripe: ${wordsOf(why ?? 'no reason given')}.`
  return signalOf({
    signalId,
    payment_intent,
    charge,
    sentence,
    isCleared: !open && closed_reason === 'approved',
    isClosed: !open,
  })
}

function signalOf(signal: {
  signalId: string
  payment_intent: string | null
  charge: string | null
  sentence: string
  isCleared: boolean
  isClosed?: boolean
}): BillingUpdate {
  const { signalId, payment_intent, charge, sentence, isCleared, isClosed = false } = signal
  const link = { paymentIntentId: payment_intent, chargeId: charge }
  const status = isCleared ? 'cleared' : isClosed ? 'closed' : 'open'
  return {
    about: 'fraud',
    link,
    signal: { signalId, ...link, status, sentence: clipped(sentence, 200) ?? '' },
  }
}

function wordsOf(name: string): string {
  return name.replaceAll('_', ' ')
}
