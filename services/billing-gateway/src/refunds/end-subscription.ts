import { failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { FetchedEvent } from '../rules/fetched-event.ts'
import { isEnded } from '../rules/subscription.ts'
import { dateOf, timeAtStripe } from '../stripe/clock.ts'
import { isMissing } from '../stripe/errors.ts'
import { eventOfType } from '../stripe/object-event.ts'

type Ending = { id: string; idempotencyKey: string; livemode: boolean }

/** Cancels a subscription now, unless it has ended, and returns its state; empty where Stripe has no subscription of this id. */
export async function endSubscription(
  stripe: Stripe,
  { id, idempotencyKey, livemode }: Ending,
): Promise<FetchedEvent[]> {
  try {
    let subscription = await stripe.subscriptions.retrieve(id)
    if (!isEnded(subscription)) {
      failpoint('refund.before-cancel')
      const how = { prorate: false, invoice_now: false }
      subscription = await stripe.subscriptions.cancel(id, how, { idempotencyKey })
      failpoint('refund.after-cancel')
    }
    const { ended_at, lastResponse } = subscription
    // Its last state is as of its end, whenever it is read.
    const at = ended_at === null ? timeAtStripe(lastResponse) : dateOf(ended_at)
    return [eventOfType(subscription, { type: 'customer.subscription.deleted', at, livemode })]
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}
