import {
  type ChangeSubscription,
  changeSubscription,
  readSubscription,
  type Subscription,
} from '@spawnpoint/contracts'
import { ask, type Nats, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'

export type GatewayContext = { nats: Nats; answerWithinMs: number; log: Logger }

/** `refused`: of this one nobody says it, and of others they may; `silent`: nobody says anything. */
export type Answer = Subscription | 'refused' | 'silent'

/** The subscription as Stripe has it now. */
export async function readAtGateway(
  { nats, answerWithinMs: timeoutMs, log }: GatewayContext,
  subscription_id: string,
): Promise<Answer> {
  try {
    const request = { subscription_id }
    return (await ask({ nats, contract: readSubscription, request, timeoutMs })).subscription
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    log.warn({ err: error, subscriptionId: subscription_id }, 'Nobody says how a subscription stands')
    return withoutAnswer(error)
  }
}

export function withoutAnswer(error: unknown): 'refused' | 'silent' {
  return isRefusal(error) && error.code !== 'stripe_key_refused' ? 'refused' : 'silent'
}

/** The subscription once it is changed at Stripe. Refusals are thrown as they come. */
export async function changeAtGateway(
  { nats, answerWithinMs: timeoutMs }: GatewayContext,
  request: ChangeSubscription,
): Promise<Subscription> {
  return (await ask({ nats, contract: changeSubscription, request, timeoutMs })).subscription
}

/** Whether nothing was changed, and nothing will be. */
export function isRefusal(error: unknown): error is RequestRefused {
  return error instanceof RequestRefused && !mayBeDone.includes(error.code)
}

const mayBeDone = ['unanswered', 'internal', 'stripe_unavailable']

/** What the shop is told where its wish was not granted. */
export function problemOf(id: string, error: unknown): unknown {
  if (!(error instanceof RequestRefused)) return error
  if (isRefusal(error))
    return new Problem(409, error.code, `The subscription of order ${id} stays as it is. ${error.message}`)
  return new Problem(
    503,
    'stripe_unavailable',
    `Nobody can say now whether the subscription of order ${id} is changed. Send the same request again in a moment.`,
    { retryAfterSeconds: 5 },
  )
}
