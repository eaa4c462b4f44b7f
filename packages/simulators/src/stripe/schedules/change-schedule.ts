import { type Account, type Cause, must, nobody } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { mergedMetadata } from '../api/params.ts'
import { endSubscription } from '../subscriptions/cancel-subscription.ts'
import { changeSubscription } from '../subscriptions/change-subscription.ts'
import { phasesOf } from './phases.ts'
import type { UpdateParams } from './schedule-params.ts'

export function updateSchedule(account: Account, id: string, params: UpdateParams, cause: Cause) {
  const before = activeSchedule(account, id)
  const phases = params.phases
    ? phasesOf(
        account,
        params.phases,
        before.current_phase?.start_date ?? account.seconds(),
        before.phases[0]?.currency ?? 'usd',
      )
    : before.phases
  const now = account.seconds()
  const current = phases.find((phase) => phase.start_date <= now && now < phase.end_date)
  if (!current)
    throw new ApiError(400, 'You can not modify a phase that has ended; one phase has to hold now.')
  return account.change(
    account.schedules,
    before,
    {
      current_phase: { end_date: current.end_date, start_date: current.start_date },
      phases,
      ...(params.end_behavior && { end_behavior: params.end_behavior }),
      ...(params.metadata !== undefined && { metadata: mergedMetadata(before.metadata, params.metadata) }),
    },
    'subscription_schedule.updated',
    cause,
  )
}

/** The subscription goes on as it is, without the schedule. */
export function releaseSchedule(account: Account, id: string, cause: Cause = nobody) {
  const before = activeSchedule(account, id)
  const released = account.schedules.save({
    ...before,
    current_phase: null,
    released_at: account.seconds(),
    released_subscription: String(before.subscription),
    status: 'released',
    subscription: null,
  })
  account.emit('subscription_schedule.released', released, { cause })
  changeSubscription(account, String(before.subscription), { schedule: null }, cause)
  return released
}

/** The schedule and its subscription are over. */
export function cancelSchedule(account: Account, id: string, cause: Cause = nobody) {
  const before = activeSchedule(account, id)
  const canceled = account.schedules.save({
    ...before,
    canceled_at: account.seconds(),
    current_phase: null,
    status: 'canceled',
  })
  account.emit('subscription_schedule.canceled', canceled, { cause })
  endSubscription(account, String(before.subscription), { reason: 'cancellation_requested', cause })
  return must(account.schedules, id)
}

function activeSchedule(account: Account, id: string) {
  const schedule = account.schedules.get(id)
  if (!schedule) throw missing('subscription_schedule', id)
  if (schedule.status !== 'active') {
    throw new ApiError(
      400,
      `You cannot change a subscription schedule that is currently in the \`${schedule.status}\` status.`,
    )
  }
  return schedule
}
