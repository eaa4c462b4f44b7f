import type Stripe from 'stripe'
import type { Account, Cause } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'
import { newId } from '../ids.ts'
import { changeSubscription, isOver } from '../subscriptions/change-subscription.ts'
import { currentPhase } from './phases.ts'

/** A schedule takes a running subscription over as it is; its next phases come by an update. */
export function createSchedule(account: Account, subscriptionId: string, cause: Cause) {
  const subscription = account.subscriptions.get(subscriptionId)
  if (!subscription) throw missingParam('subscription', subscriptionId, 'from_subscription')
  if (isOver(subscription)) throw new ApiError(400, 'A canceled subscription cannot get a schedule.')
  if (subscription.schedule !== null) {
    throw new ApiError(
      400,
      `You cannot migrate a subscription that is already attached to a schedule: \`${String(subscription.schedule)}\`.`,
    )
  }
  const schedule = account.schedules.save(scheduleOf(account, subscription))
  account.emit('subscription_schedule.created', schedule, { cause })
  changeSubscription(account, subscription.id, { schedule: schedule.id }, cause)
  return schedule
}

function scheduleOf(account: Account, subscription: Stripe.Subscription): Stripe.SubscriptionSchedule {
  const phase = currentPhase(subscription)
  return {
    id: newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    canceled_at: null,
    completed_at: null,
    created: account.seconds(),
    current_phase: { end_date: phase.end_date, start_date: phase.start_date },
    customer: subscription.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [phase],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: null,
  }
}
