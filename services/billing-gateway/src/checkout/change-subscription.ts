import type { ChangeSubscription, Subscription } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { failpoint } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { readAsOf } from '../store/subscriptions.ts'
import { minuteOf } from '../stripe/cancellation-mark.ts'
import { timeAtStripe } from '../stripe/clock.ts'
import { asRefusal, isMissing } from '../stripe/errors.ts'
import { planPrice } from '../stripe/plan-price.ts'
import {
  planItemOf,
  type RequiredCall,
  requiredChange,
  requiredPlanChange,
} from '../stripe/subscription-change.ts'
import type { SubscriptionContext } from './read-billing.ts'
import { recordStripeState, type StripeSubscription, unknown } from './record-stripe-state.ts'

/**
 * Changes a subscription at Stripe. It reads the subscription first, and the request names the target state, not the step: so a
 * retry after any failure finds that state or reaches it, and nobody pays twice.
 */
export function createSubscriptionChanger({ prisma, stripe, livemode, wake }: SubscriptionContext) {
  return async (request: ChangeSubscription): Promise<{ subscription: Subscription }> => {
    const asOf = await readAsOf(prisma, request.subscription_id)
    const returned = await change(stripe, request).catch((error) => {
      throw isMissing(error) ? unknown(request.subscription_id) : asRefusal(error)
    })
    const state = { returned, others: [] }
    const { subscription_id: id } = request
    const { subscription, hasChanged } = await recordStripeState(prisma, state, { id, asOf, livemode })
    if (hasChanged) wake()
    if (subscription === null) throw unknown(id)
    return { subscription }
  }
}

async function change(stripe: Stripe, request: ChangeSubscription): Promise<StripeSubscription> {
  const { subscription_id: id } = request
  const found = await stripe.subscriptions.retrieve(id)
  const required = await findRequiredCall(stripe, found, request)
  if (required.do === 'refuse') throw new RequestRefused('subscription_over', required.why)
  if (required.do === 'nothing') return found
  failpoint('subscription.before-change')
  const options = { idempotencyKey: keyOf(request, timeAtStripe(found.lastResponse)) }
  const changed =
    required.do === 'cancel'
      ? await stripe.subscriptions.cancel(id, { prorate: false, invoice_now: false }, options)
      : await stripe.subscriptions.update(id, required.params, options)
  failpoint('subscription.after-change')
  return changed
}

async function findRequiredCall(
  stripe: Stripe,
  found: StripeSubscription,
  { change }: ChangeSubscription,
): Promise<RequiredCall> {
  if (change.do !== 'change-plan') return requiredChange(found, change, timeAtStripe(found.lastResponse))
  const item = planItemOf(found)
  if (!item)
    throw new RequestRefused('stripe_refused', `Subscription ${found.id} has no item that could be changed.`)
  const { product } = item.price
  const price = await planPrice(stripe, change, typeof product === 'string' ? product : product.id)
  return requiredPlanChange(found, change, { item, price })
}

// Stripe repeats its response to a key, even an error: a minute later the key is a new one.
function keyOf({ request_id }: ChangeSubscription, stripeTime: Date): string {
  return `subscription:${request_id}:${minuteOf(stripeTime).getTime() / 60_000}`
}
