import type Stripe from 'stripe'
import { type Account, type Cause, nobody } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { mergedMetadata } from '../api/params.ts'
import { differences } from '../differences.ts'
import { revertRefunded } from './refunded.ts'

/** News of a refund from the bank, days later: `succeeded` brings its reference, `failed` gives the money back to the seller. */
export function updateRefund(account: Account, id: string, status: 'succeeded' | 'pending' | 'failed') {
  const before = found(account, id)
  if (before.status === 'failed') throw new ApiError(400, `The refund ${id} has failed for good.`)
  const { pending_reason: _, ...rest } = before
  const after = save(account, before, {
    ...rest,
    status,
    destination_details: {
      card: {
        ...(status === 'succeeded' && { reference: '74208517281720' }),
        reference_status: status === 'succeeded' ? 'available' : 'pending',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    ...(status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
  })
  if (status !== 'failed') return after
  account.emit('refund.failed', after)
  revertRefunded(account, after)
  return after
}

export function describeRefund(
  account: Account,
  id: string,
  metadata: Record<string, string> | null | undefined,
  cause: Cause,
) {
  const before = found(account, id)
  return save(account, before, { ...before, metadata: mergedMetadata(before.metadata, metadata) }, cause)
}

function save(account: Account, before: Stripe.Refund, changed: Stripe.Refund, cause: Cause = nobody) {
  const after = account.refunds.save(changed)
  const previous = differences(before, after)
  account.emit('refund.updated', after, { cause, previous })
  account.emit('charge.refund.updated', after, { cause, previous })
  return after
}

function found(account: Account, id: string) {
  const refund = account.refunds.get(id)
  if (!refund) throw missing('refund', id)
  return refund
}
