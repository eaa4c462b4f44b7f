import { Hono } from 'hono'
import type { Account } from './account.ts'
import { ApiError } from './api/api-error.ts'
import { authenticate } from './api/authenticate.ts'
import { type Env, replyError } from './api/call.ts'
import { idempotency } from './api/idempotency.ts'
import { misbehaveAtTheEdge, misbehaveInside } from './api/misbehave.ts'
import { stripeRoutes } from './api/routes.ts'
import { payRoutes } from './checkout/pay-routes.ts'
import type { Clock } from './clock/clock.ts'
import type { StripeControl } from './control/control.ts'
import { controlRoutes } from './control/control-routes.ts'
import type { Faults } from './faults.ts'
import { newId } from './ids.ts'
import type { Deliveries } from './webhooks/deliver.ts'

export type StripeApp = ReturnType<typeof createStripeApp>

/** The API under `/v1`, the payment pages, and the hand on the simulator. */
export function createStripeApp({
  account,
  clock,
  control,
  deliveries,
  faults,
  calls,
  secretKey,
  publicUrl,
}: {
  account: Account
  clock: Clock
  control: StripeControl
  deliveries: Deliveries
  faults: Faults
  calls: Map<string, number>
  secretKey: string
  publicUrl: string | undefined
}) {
  return new Hono<Env>()
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
        payUrl: (call, id) => `${publicUrl ?? new URL(call.req.url).origin}/pay/${id}`,
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
}

function count(calls: Map<string, number>, route: string) {
  calls.set(route, (calls.get(route) ?? 0) + 1)
}

function routeOf(path: string) {
  return path.replace(/\/[a-z]+_\w+$|\/[a-z]+_\w+(?=\/)/g, (id) => (/\d|[A-Z]/.test(id) ? '/:id' : id))
}
