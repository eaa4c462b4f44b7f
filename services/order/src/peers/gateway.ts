import {
  type ChangeSubscription,
  changeSubscription,
  readBilling,
  type Subscription,
} from '@spawnpoint/contracts'
import { ask, type Nats, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import type { Reported } from '../rules/decisions/apply-lookup.ts'

export type GatewayContext = { nats: Nats; answerWithinMs: number; log: Logger }

/** The subscription, its invoices, and what went back of these payments, as Stripe has them now. `refused`: Stripe does not report these, and may report others; `unanswered`: there is no answer at all. */
export async function lookUpAtStripe(
  { nats, answerWithinMs: timeoutMs, log }: GatewayContext,
  request: {
    subscription_id: string | null
    payment_ids: string[]
    with_pending?: boolean
    with_others?: boolean
  },
): Promise<Reported | 'refused' | 'unanswered'> {
  try {
    return await ask({ nats, contract: readBilling, request, timeoutMs })
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    const { subscription_id: subscriptionId } = request
    log.warn({ err: error, subscriptionId }, 'Stripe could not be asked about the money of an order')
    return refusedOrUnanswered(error)
  }
}

export function refusedOrUnanswered(error: unknown): 'refused' | 'unanswered' {
  return isRefusal(error) && error.code !== 'stripe_key_refused' ? 'refused' : 'unanswered'
}

/** The subscription once it is changed at Stripe. Refusals are thrown unchanged. */
export async function changeAtGateway(
  { nats, answerWithinMs: timeoutMs }: GatewayContext,
  request: ChangeSubscription,
): Promise<Subscription> {
  return (await ask({ nats, contract: changeSubscription, request, timeoutMs })).subscription
}

/** Nothing was changed, and nothing will be. */
export function isRefusal(error: unknown): error is RequestRefused {
  return error instanceof RequestRefused && !mayBeDone.includes(error.code)
}

const mayBeDone = ['unanswered', 'internal', 'stripe_unavailable']

/** What the shop is told when a change was not made. */
export function problemOf(id: string, error: unknown): unknown {
  if (!(error instanceof RequestRefused)) return error
  if (isRefusal(error))
    return new Problem(409, error.code, `The subscription of order ${id} stays as it is. ${error.message}`)
  return new Problem(
    503,
    'stripe_unavailable',
    `It is unknown whether the subscription of order ${id} was changed. Retry the same request in a few seconds.`,
    { retryAfterSeconds: 5 },
  )
}
