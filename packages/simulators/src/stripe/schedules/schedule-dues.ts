import type Stripe from 'stripe'
import { type Account, must, nobody } from '../account.ts'
import type { Due } from '../clock/agenda.ts'
import { endSubscription } from '../subscriptions/cancel-subscription.ts'
import { changeItems } from '../subscriptions/change-items.ts'
import { isOver } from '../subscriptions/change-subscription.ts'
import { changePriced } from '../subscriptions/update-subscription.ts'
import { releaseSchedule } from './change-schedule.ts'

/** Phases end by time: the next one's prices come, or the schedule is over. */
export function* scheduleDues(account: Account): Generator<Due> {
  for (const { id, status, current_phase } of account.schedules.all()) {
    if (status !== 'active' || current_phase === null) continue
    yield { at: current_phase.end_date, rank: 2, act: () => endPhase(account, id) }
  }
}

function endPhase(account: Account, id: string) {
  const schedule = must(account.schedules, id)
  const subscription = must(account.subscriptions, String(schedule.subscription))
  const ended = schedule.current_phase?.end_date ?? 0
  const next = schedule.phases.find((phase) => phase.start_date >= ended)
  if (isOver(subscription) || !next) {
    if (schedule.end_behavior === 'cancel' || isOver(subscription)) complete(account, schedule)
    else releaseSchedule(account, id)
    return
  }
  begin(account, subscription, next)
  account.change(
    account.schedules,
    schedule,
    { current_phase: { end_date: next.end_date, start_date: next.start_date } },
    'subscription_schedule.updated',
  )
}

/** At a period's end nothing is left to prorate: the renewal of the same second asks for the new price. */
function begin(
  account: Account,
  subscription: Stripe.Subscription,
  { items: wanted, proration_behavior }: Stripe.SubscriptionSchedule.Phase,
) {
  const old = subscription.items.data
  const items = [
    ...wanted.map(({ price, quantity }, index) => ({
      price: String(price),
      quantity: quantity ?? 1,
      ...(old[index] && { id: old[index].id }),
    })),
    ...old.slice(wanted.length).map(({ id }) => ({ id, deleted: true })),
  ]
  const change = changeItems(account, subscription, { items }, nobody)
  const isAtEnd = old.every((item) => item.current_period_end <= account.seconds())
  changePriced(account, subscription, {
    change,
    params: {
      proration_behavior: isAtEnd ? 'none' : behaviorOf(proration_behavior),
    },
    cause: nobody,
  })
}

function behaviorOf(behavior: string) {
  return behavior === 'none' || behavior === 'always_invoice' ? behavior : 'create_prorations'
}

function complete(account: Account, schedule: Stripe.SubscriptionSchedule) {
  const completed = account.schedules.save({
    ...schedule,
    completed_at: account.seconds(),
    current_phase: null,
    status: 'completed',
  })
  account.emit('subscription_schedule.completed', completed)
  const subscription = must(account.subscriptions, String(schedule.subscription))
  if (!isOver(subscription)) endSubscription(account, subscription.id, { reason: 'cancellation_requested' })
}
