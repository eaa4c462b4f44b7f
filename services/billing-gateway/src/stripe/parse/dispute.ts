import { z } from '@hono/zod-openapi'
import type { BillingUpdate } from '../../rules/billing-update.ts'
import type { ParseContext } from './context.ts'
import { amount, currency, id, idOrObject, time } from './fields.ts'

const disputeSchema = z.object({
  id,
  object: z.literal('dispute'),
  status: z.string().min(1).max(32),
  amount,
  currency,
  payment_intent: idOrObject,
  charge: idOrObject,
  reason: z.string().max(191).nullish(),
  created: time,
  balance_transactions: z
    .array(z.object({ amount: z.number().int(), currency }))
    .nullish()
    .catch(null),
})

export function parseDispute(object: unknown, { at }: ParseContext): BillingUpdate {
  const dispute = disputeSchema.parse(object)
  const { id: disputeId, amount, currency, payment_intent, charge, reason, created } = dispute
  const link = { paymentIntentId: payment_intent, chargeId: charge }
  const openedAt = created === null ? at : new Date(created)
  return {
    about: 'dispute',
    link,
    dispute: {
      disputeId,
      ...link,
      status: statusOf(dispute),
      amount,
      currency,
      reason: reason ?? null,
      openedAt,
      asOf: at,
    },
  }
}

/**
 * A dispute that was prevented was blocked, and the money stays, or resolved with the money, which its balance transactions show.
 * Source: docs.stripe.com/changelog/basil/2025-08-27/add-preventions-to-dispute; docs.stripe.com/api/disputes/object
 * (`balance_transactions`: funds withdrawn and reinstated, in the currency of the seller's balance).
 */
function statusOf({ status, amount, currency, balance_transactions }: z.infer<typeof disputeSchema>): string {
  if (status !== 'prevented') return status
  const moves = balance_transactions ?? []
  const withdrawn = -moves.reduce((sum, move) => sum + move.amount, 0)
  if (withdrawn <= 0) return status
  const isAll = withdrawn >= amount && moves.every((move) => move.currency === currency)
  return isAll ? 'prevented_in_vain' : 'prevented_unclear'
}
