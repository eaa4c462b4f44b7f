import type { AdoptSubscription, adoptSubscription } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import type Stripe from 'stripe'
import type { z } from 'zod'
import type { PrismaClient } from '../generated/client.ts'
import { isEnded } from '../rules/subscription.ts'
import { findOtherOrder } from '../store/payments.ts'
import { asRefusal, isMissing } from '../stripe/errors.ts'
import { orderFieldsOf } from '../stripe/parse/metadata.ts'
import { createBillingReader, type SubscriptionContext } from './read-billing.ts'
import { unknown } from './record-stripe-state.ts'

/**
 * Assigns a subscription, which may carry none of our metadata, to an order for good: Stripe keeps metadata keys that an update
 * does not name (API reference, Update a subscription), and copies them to each later invoice.
 */
export function createSubscriptionAdopter(context: SubscriptionContext) {
  const { prisma, stripe } = context
  const read = createBillingReader(context)
  return async ({
    subscription_id: id,
    order_id,
  }: AdoptSubscription): Promise<z.infer<typeof adoptSubscription.reply>> => {
    await refuseOfAnother(prisma, { id, order_id })
    await claim(stripe, { id, order_id }).catch((error) => {
      if (error instanceof RequestRefused) throw error
      throw isMissing(error) ? unknown(id) : asRefusal(error)
    })
    const request = { subscription_id: id, payment_ids: [] }
    // Its invoices name no order: the second read accepts them, since the subscription is known then.
    await read(request)
    const { subscription, payments } = await read(request)
    if (subscription === null) throw unknown(id)
    return { subscription, payments }
  }
}

type Claim = { id: string; order_id: string }

async function claim(stripe: Stripe, { id, order_id }: Claim): Promise<void> {
  const found = await stripe.subscriptions.retrieve(id)
  if (isEnded(found)) throw new RequestRefused('subscription_over', `Subscription ${id} has ended.`)
  const named = orderFieldsOf(found.metadata).order_id
  if (named === order_id) return
  if (named !== null) throw belongsToAnother(id, named)
  await stripe.subscriptions.update(
    id,
    { metadata: { order_id } },
    { idempotencyKey: `adopt:${id}:${order_id}` },
  )
}

async function refuseOfAnother(prisma: PrismaClient, { id, order_id }: Claim): Promise<void> {
  const other = await findOtherOrder(prisma, { subscriptionId: id, orderId: order_id })
  if (other !== null) throw belongsToAnother(id, other)
}

function belongsToAnother(id: string, order: string): RequestRefused {
  return new RequestRefused('subscription_of_another_order', `Subscription ${id} pays for order ${order}.`)
}
