import { RequestRefused } from '@spawnpoint/messaging'
import Stripe from 'stripe'

export function createStripe({
  secretKey,
  apiUrl,
  timeScale = 1,
}: {
  secretKey: string
  apiUrl?: string | undefined
  timeScale?: number
}): Stripe {
  return new Stripe(secretKey, {
    ...(apiUrl ? hostOf(new URL(apiUrl)) : {}),
    maxNetworkRetries: 2,
    // Below two seconds a busy machine alone makes calls time out.
    timeout: Math.max(2_000, 10_000 * timeScale),
    telemetry: false,
  })
}

function hostOf({ protocol, hostname, port }: URL): Pick<Stripe.StripeConfig, 'protocol' | 'host' | 'port'> {
  const isTls = protocol === 'https:'
  return { protocol: isTls ? 'https' : 'http', host: hostname, port: port || (isTls ? 443 : 80) }
}

export function isLivemode(secretKey: string): boolean {
  return /^[sr]k_live_/.test(secretKey)
}

/** Stripe's clock and not ours: its events are told apart from what was looked at by their times. */
export function timeAtStripe({ headers }: { headers: Record<string, string> }): Date {
  const date = Date.parse(headers.date ?? '')
  return Number.isNaN(date) ? new Date() : new Date(date)
}

/** Stripe has no object of this id. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing'
}

export function isServersFault(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeAPIError
}

/** Stripe's errors as answers to the asker; any other error as it is. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  if (error instanceof Stripe.errors.StripeAuthenticationError)
    return new RequestRefused(
      'stripe_key_refused',
      "Stripe refuses the gateway's key: correct STRIPE_SECRET_KEY.",
    )
  return isPassing(error)
    ? new RequestRefused('stripe_unavailable', 'Stripe does not answer just now: ask again in a moment.')
    : new RequestRefused('stripe_refused', `Stripe refused: ${error.message}`)
}

/** Nothing is wrong with the call: later it works. */
export function isPassing(error: Stripe.errors.StripeError): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    error.code === 'idempotency_key_in_use' ||
    isServersFault(error)
  )
}

/** Of this call Stripe will say the same again, and of others it may not. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    !(error instanceof Stripe.errors.StripeAuthenticationError) &&
    !isPassing(error)
  )
}
