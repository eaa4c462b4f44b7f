import type { Subscription } from '@spawnpoint/contracts'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { asRefusal, isMissing } from '../stripe-client.ts'
import { knownAsOf, takeShown, unknown } from './shown-subscription.ts'

export type Subscriptions = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  wakeTranslator: () => void
}

/** The subscription as Stripe has it at this moment. */
export function readSubscriptionNow({ prisma, stripe, livemode, wakeTranslator }: Subscriptions) {
  return async ({
    subscription_id: id,
  }: {
    subscription_id: string
  }): Promise<{ subscription: Subscription }> => {
    const asOf = await knownAsOf(prisma, id)
    const shown = await stripe.subscriptions.retrieve(id).catch((error) => {
      throw isMissing(error) ? unknown(id) : asRefusal(error)
    })
    const { subscription, isNews } = await takeShown(prisma, shown, { asOf, livemode })
    if (isNews) wakeTranslator()
    return { subscription }
  }
}
