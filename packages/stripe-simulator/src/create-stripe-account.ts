import Stripe from 'stripe'
import { type Account, createAccount } from './account.ts'
import { fetchWithin } from './api/fetch-within.ts'
import { currentApiVersion } from './api-version.ts'
import { type Clock, createClock } from './clock/clock.ts'
import { createControl, type StripeControl } from './control/control.ts'
import { createStripeApp, type StripeApp } from './create-stripe-app.ts'
import { createFaults } from './faults.ts'
import { newId } from './ids.ts'
import type { listen } from './listen.ts'
import { createDeliveries } from './webhooks/deliver.ts'
import { createEndpoints, type EndpointOptions, newWebhookSecret } from './webhooks/endpoints.ts'

export type StripeAccountOptions = {
  /** Where a browser finds the payment pages, if not where the API was called. */
  publicUrl?: string
  secretKey?: string
  /** What endpoints sign with unless they have their own. */
  webhookSecret?: string
  webhooks?: ({ url: string } & EndpointOptions)[]
  /** The version of stored events, and of answers to calls that name none. */
  apiVersion?: string
  /** The account's time in milliseconds. Signatures are always dated by the machine's clock. */
  now?: () => number
  /** Multiplies the pauses between deliveries. */
  timeScale?: number
  /** How long an endpoint may take to answer a webhook; 20 s if left out. */
  answerWithinMs?: number
  random?: () => number
}

export type StripeAccount = StripeControl & {
  /** The objects behind the API, whole: what a caller is shown of them is cut and shaped by `fetch`. */
  account: Account
  clock: Clock
  /** The API, the payment pages and `/_simulator` without a socket; a cut connection is the `TypeError` of `fetch`. */
  fetch: (request: Request | string | URL, init?: RequestInit) => Promise<Response>
  /** The real SDK on top of `fetch`. */
  client: (config?: Stripe.StripeConfig) => Stripe
  /** What a Node server calls. */
  serve: Parameters<typeof listen>[0]
  secretKey: string
  webhookSecret: string
  closeDeliveries: () => void
}

/** A Stripe account in this process: no port, no timer, and with a fixed `now` its time moves only by hand. */
export function createStripeAccount(options: StripeAccountOptions = {}): StripeAccount {
  const {
    timeScale = 1,
    answerWithinMs = 20_000,
    random = Math.random,
    apiVersion = currentApiVersion,
    publicUrl,
  } = options
  const secretKey = options.secretKey ?? newId('sk_test')
  const webhookSecret = options.webhookSecret ?? options.webhooks?.[0]?.secret ?? newWebhookSecret()
  const clock = createClock(options.now ?? Date.now)
  const faults = createFaults({ random })
  const account = createAccount({
    now: clock.now,
    apiVersion,
    isGenerated: faults.isGenerated,
    isTaken: (event) => deliveries.pending(event) === 0,
  })
  const endpoints = createEndpoints({ seconds: account.seconds })
  const deliveries = createDeliveries({
    endpoints,
    faults,
    timeScale,
    answerWithinMs,
    random,
    now: clock.now,
    wakeAt: account.agenda.add,
  })
  account.onEvent((event) => void deliveries.send(event))
  const calls = new Map<string, number>()
  const control = createControl({ account, endpoints, deliveries, faults, clock, calls, webhookSecret })
  for (const { url, secret, ...endpoint } of options.webhooks ?? []) control.addWebhook(url, secret, endpoint)

  // Made when it is first called: thousands of accounts of a model-based test never are.
  let made: StripeApp | undefined
  const app = () => {
    made ??= createStripeApp({ account, clock, control, deliveries, faults, calls, secretKey, publicUrl })
    return made
  }
  const fetch = fetchWithin((...request) => app().request(...request))
  return {
    ...control,
    account,
    clock,
    fetch,
    client: (config) =>
      new Stripe(secretKey, {
        maxNetworkRetries: 0,
        telemetry: false,
        ...config,
        httpClient: Stripe.createFetchHttpClient(fetch),
      }),
    serve: (...request) => app().fetch(...request),
    secretKey,
    webhookSecret,
    closeDeliveries: deliveries.close,
  }
}
