import type { Subscription } from '@spawnpoint/contracts'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { asRefusal, isMissing } from '../stripe-client.ts'
import { knownAsOf, takeShown, unknown } from './shown-subscription.ts'

export type Subscriptions = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  /** Something was said, and is in the journal. */
  wake: () => void
}

const mostUnheard = 10

/**
 * The subscription as Stripe has it at this moment, and until when it is paid: whoever asks is about to act for want of money, and
 * of a renewal only its invoice says that it was paid, which nobody may have heard of.
 */
export function readSubscriptionNow({ prisma, stripe, livemode, wake }: Subscriptions) {
  return async ({
    subscription_id: id,
  }: {
    subscription_id: string
  }): Promise<{ subscription: Subscription }> => {
    const asOf = await knownAsOf(prisma, id)
    const look = await lookAt(stripe, id).catch((error) => {
      throw isMissing(error) ? unknown(id) : asRefusal(error)
    })
    const { subscription, isNews } = await takeShown(prisma, look, { asOf, livemode })
    if (isNews) wake()
    return { subscription }
  }
}

async function lookAt(stripe: Stripe, id: string) {
  const shown = await stripe.subscriptions.retrieve(id)
  const { data: paid } = await stripe.invoices.list({
    subscription: id,
    status: 'paid',
    limit: mostUnheard,
    expand: ['data.payments'],
  })
  return { shown, paid }
}
