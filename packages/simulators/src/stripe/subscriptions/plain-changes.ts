import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { mergedMetadata } from '../api/params.ts'
import { lastPeriodEnd, withItems } from './periods.ts'
import type { UpdateParams } from './subscription-params.ts'

/** What changes without a bill: metadata, description, the trial's end, and whether and when it is to be over. */
export function plainChanges(
  account: Account,
  before: Stripe.Subscription,
  params: UpdateParams,
): Partial<Stripe.Subscription> {
  return {
    ...(params.metadata !== undefined && { metadata: mergedMetadata(before.metadata, params.metadata) }),
    ...(params.description !== undefined && { description: params.description }),
    ...cancellation(account, before, params),
    ...trial(account, before, params),
  }
}

function cancellation(account: Account, before: Stripe.Subscription, params: UpdateParams) {
  const { cancel_at, cancel_at_period_end: atPeriodEnd, cancellation_details } = params
  const details = cancellation_details && {
    cancellation_details: {
      ...noDetails,
      ...before.cancellation_details,
      ...withoutUndefined(cancellation_details),
    },
  }
  if (cancel_at === undefined && atPeriodEnd === undefined) return details ?? {}
  const at = atPeriodEnd ? lastPeriodEnd(before) : (cancel_at ?? null)
  if (at !== null && at < account.seconds()) {
    throw new ApiError(400, 'The subscription `cancel_at` timestamp must be in the future.', {
      param: 'cancel_at',
    })
  }
  return {
    cancel_at: at,
    cancel_at_period_end: atPeriodEnd ?? false,
    canceled_at: at === null ? null : account.seconds(),
    cancellation_details: {
      ...noDetails,
      ...before.cancellation_details,
      ...details?.cancellation_details,
      reason: at === null ? null : ('cancellation_requested' as const),
    },
  }
}

function trial(account: Account, before: Stripe.Subscription, { trial_end }: UpdateParams) {
  if (trial_end === undefined) return {}
  const now = account.seconds()
  const end = trial_end === 'now' ? now : trial_end
  const items = before.items.data.map((item) => ({ ...item, current_period_end: end }))
  return {
    ...withItems(before, items),
    billing_cycle_anchor: end,
    status: 'trialing' as const,
    trial_end: end,
    trial_start: before.trial_start ?? now,
  }
}

function withoutUndefined<T extends object>(object: T) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

const noDetails = { comment: null, feedback: null, feedback_option: null, reason: null }
