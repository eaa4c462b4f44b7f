import type Stripe from 'stripe'
import type { Account } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { mergedMetadata } from '../api/params.ts'
import { lastPeriodEnd, withItems } from './periods.ts'
import type { UpdateParams } from './subscription-params.ts'

/** What changes without a bill: metadata, how it is collected, a trial's end, and whether and when it is to be over. */
export function plainChanges(
  account: Account,
  before: Stripe.Subscription,
  params: UpdateParams,
): Partial<Stripe.Subscription> {
  return {
    ...(params.metadata !== undefined && { metadata: mergedMetadata(before.metadata, params.metadata) }),
    ...(params.description !== undefined && { description: params.description }),
    ...cancellation(account, before, params),
    ...billing(before, params),
    ...trial(before, params),
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

function billing(
  before: Stripe.Subscription,
  { collection_method, days_until_due, pause_collection, trial_settings }: UpdateParams,
): Partial<Stripe.Subscription> {
  const method = collection_method ?? before.collection_method
  if (method === 'send_invoice' && (days_until_due ?? before.days_until_due) === null) throw daysMissing()
  return {
    ...(collection_method !== undefined && { collection_method }),
    ...(days_until_due !== undefined && { days_until_due }),
    ...(pause_collection !== undefined && { pause_collection: pauseOf(pause_collection) }),
    ...(trial_settings !== undefined && {
      trial_settings: {
        end_behavior: { billing_cycle_anchor: null, ...trial_settings.end_behavior },
      },
    }),
  }
}

export function daysMissing() {
  return new ApiError(
    400,
    'If `collection_method` is `send_invoice`, you must specify `days_until_due` or `due_date`.',
    { param: 'days_until_due' },
  )
}

function pauseOf(pause: NonNullable<UpdateParams['pause_collection']> | null) {
  return pause && { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null }
}

/** A trial that runs ends at another time; one that begins or ends now brings an invoice: see `changeTrial`. */
function trial(before: Stripe.Subscription, { trial_end }: UpdateParams) {
  if (typeof trial_end !== 'number' || before.status !== 'trialing') return {}
  const items = before.items.data.map((item) => ({ ...item, current_period_end: trial_end }))
  return { ...withItems(before, items), billing_cycle_anchor: trial_end, trial_end }
}

function withoutUndefined<T extends object>(object: T) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

const noDetails = { comment: null, feedback: null, feedback_option: null, reason: null }
