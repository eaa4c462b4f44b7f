import { Hono } from 'hono'
import Stripe from 'stripe'
import type { listen } from '../listen.ts'
import { type Account, createAccount } from './account.ts'
import { ApiError } from './api/api-error.ts'
import { authenticate } from './api/authenticate.ts'
import { type Env, replyError } from './api/call.ts'
import { fetchWithin } from './api/fetch-within.ts'
import { idempotency } from './api/idempotency.ts'
import { misbehaveAtTheEdge, misbehaveInside } from './api/misbehave.ts'
import { stripeRoutes } from './api/routes.ts'
import { currentApiVersion } from './api-version.ts'
import { payRoutes } from './checkout/pay-routes.ts'
import { type Clock, createClock } from './clock/clock.ts'
import { createControl, type StripeControl } from './control/control.ts'
import { controlRoutes } from './control/control-routes.ts'
import { createFaults } from './faults.ts'
import { newId } from './ids.ts'
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

  const app = new Hono<Env>()
    .use('/v1/*', async (call, next) => {
      call.set('requestId', newId('req', 14))
      count(calls, `${call.req.method} ${routeOf(call.req.path)}`)
      await next()
      // As Stripe's servers do: by their clock.
      call.res.headers.set('date', new Date(clock.now()).toUTCString())
    })
    .use('/v1/*', misbehaveAtTheEdge(faults))
    .use('/v1/*', authenticate(secretKey))
    .use('/v1/*', idempotency(clock.now))
    .use('/v1/*', misbehaveInside())
    .route(
      '/v1',
      stripeRoutes({
        account,
        clock,
        payUrl: (call, id) => `${options.publicUrl ?? new URL(call.req.url).origin}/pay/${id}`,
        pending: deliveries.pending,
      }),
    )
    .all('/v1/*', ({ req }) => {
      throw new ApiError(
        404,
        `Unrecognized request URL (${req.method}: ${req.path}). Please see https://stripe.com/docs.`,
      )
    })
    .onError((error, call) => replyError(call, error))
    .route('/pay', payRoutes(account, deliveries.triedOnce))
    .route('/_simulator', controlRoutes(control))

  const fetch = fetchWithin(app.request)
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
    serve: app.fetch,
    secretKey,
    webhookSecret,
    closeDeliveries: deliveries.close,
  }
}

function count(calls: Map<string, number>, route: string) {
  calls.set(route, (calls.get(route) ?? 0) + 1)
}

function routeOf(path: string) {
  return path.replace(/\/[a-z]+_\w+$|\/[a-z]+_\w+(?=\/)/g, (id) => (/\d|[A-Z]/.test(id) ? '/:id' : id))
}
