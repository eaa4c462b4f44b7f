import {
  adoptSubscription,
  changeSubscription,
  createCheckout,
  expireCheckout,
  moneyStatement,
  readMoney,
  readSubscription,
  sayMoneyAgain,
} from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { adoptSubscriptionNow } from '../checkout/adopt-subscription.ts'
import { changeSubscriptionNow } from '../checkout/change-subscription.ts'
import { createCheckoutSession } from '../checkout/create-checkout.ts'
import { expireCheckoutSession } from '../checkout/expire-checkout.ts'
import { readMoneyNow, readSubscriptionNow } from '../checkout/read-billing.ts'
import type { PrismaClient } from '../generated/client.ts'
import { saysMoneyAgain } from '../recovery/republish.ts'
import { stateMoney } from '../store/billing-statement.ts'

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

/** What the order service asks: pages to pay on, subscriptions, and what is known of the money. */
export function answerNeighbours({ nats, log, wakeProcessor, wakeRelay, ...options }: Options) {
  const { prisma, stripe, livemode } = options
  const wake = () => {
    wakeProcessor()
    wakeRelay()
  }
  const subscriptions = { prisma, stripe, livemode, wake }
  const statement = stateMoney({ prisma, timeScale: options.timeScale })
  const checkout = createCheckoutSession({ prisma, stripe, ...options.checkout })
  const expire = expireCheckoutSession({ prisma, stripe })
  const answering = [
    answerRequests({ nats, contract: createCheckout, handle: checkout, log }),
    answerRequests({ nats, contract: readMoney, handle: readMoneyNow(subscriptions), log }),
    answerRequests({ nats, contract: expireCheckout, handle: expire, log }),
    answerRequests({ nats, contract: readSubscription, handle: readSubscriptionNow(subscriptions), log }),
    answerRequests({ nats, contract: adoptSubscription, handle: adoptSubscriptionNow(subscriptions), log }),
    answerRequests({ nats, contract: changeSubscription, handle: changeSubscriptionNow(subscriptions), log }),
    answerRequests({ nats, contract: moneyStatement, handle: statement, log }),
    answerRequests({ nats, contract: sayMoneyAgain, handle: saysMoneyAgain({ prisma, wakeRelay }), log }),
  ]
  return {
    stop: async (): Promise<void> => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}
