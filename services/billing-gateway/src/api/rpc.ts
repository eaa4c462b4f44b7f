import {
  adoptSubscription,
  billingStatement,
  changeSubscription,
  createCheckout,
  expireCheckout,
  readBilling,
  readSubscription,
  republishBilling,
} from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { createSubscriptionAdopter } from '../checkout/adopt-subscription.ts'
import { createSubscriptionChanger } from '../checkout/change-subscription.ts'
import { createCheckoutCreator } from '../checkout/create-checkout.ts'
import { createCheckoutExpirer } from '../checkout/expire-checkout.ts'
import { createBillingReader, createSubscriptionReader } from '../checkout/read-billing.ts'
import type { PrismaClient } from '../generated/client.ts'
import { createRepublisher } from '../recovery/republish.ts'
import { createStatementReader } from '../store/billing-statement.ts'

type Options = {
  checkout: { successUrl: string; cancelUrl: string; minutes: number }
  timeScale: number
  prisma: PrismaClient
  nats: Nats
  stripe: Stripe
  livemode: boolean
  wakeProcessor: () => void
  wakeRelay: () => void
  log: Logger
}

/** Every RPC of the service: checkouts, subscriptions, and the billing state for the order service. */
export function serveRpc({ nats, log, wakeProcessor, wakeRelay, ...options }: Options) {
  const { prisma, stripe, livemode } = options
  const wake = () => {
    wakeProcessor()
    wakeRelay()
  }
  const subscriptions = { prisma, stripe, livemode, wake }
  const statement = createStatementReader({ prisma, timeScale: options.timeScale })
  const checkout = createCheckoutCreator({ prisma, stripe, ...options.checkout })
  const expire = createCheckoutExpirer({ prisma, stripe })
  const answering = [
    answerRequests({ nats, contract: createCheckout, handle: checkout, log }),
    answerRequests({ nats, contract: readBilling, handle: createBillingReader(subscriptions), log }),
    answerRequests({ nats, contract: expireCheckout, handle: expire, log }),
    answerRequests({
      nats,
      contract: readSubscription,
      handle: createSubscriptionReader(subscriptions),
      log,
    }),
    answerRequests({
      nats,
      contract: adoptSubscription,
      handle: createSubscriptionAdopter(subscriptions),
      log,
    }),
    answerRequests({
      nats,
      contract: changeSubscription,
      handle: createSubscriptionChanger(subscriptions),
      log,
    }),
    answerRequests({ nats, contract: billingStatement, handle: statement, log }),
    answerRequests({
      nats,
      contract: republishBilling,
      handle: createRepublisher({ prisma, wakeRelay }),
      log,
    }),
  ]
  return {
    stop: async (): Promise<void> => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}
