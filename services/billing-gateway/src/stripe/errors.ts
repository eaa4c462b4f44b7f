import { RequestRefused } from '@spawnpoint/messaging'
import { plainText } from '@spawnpoint/service-kit'
import Stripe from 'stripe'

/** Stripe has no object of this id. */
export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing'
}

export function isServersFault(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeAPIError
}

/** Stripe's errors as RPC refusals; any other error unchanged. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error
  if (error instanceof Stripe.errors.StripeAuthenticationError)
    return new RequestRefused(
      'stripe_key_refused',
      "Stripe refuses the gateway's key: correct STRIPE_SECRET_KEY.",
    )
  return isPassing(error)
    ? new RequestRefused('stripe_unavailable', 'Stripe is currently unavailable; retry in a moment.')
    : new RequestRefused('stripe_refused', `Stripe refused: ${plainText(error.message)}`)
}

/** Transient: the call is fine and works later. */
function isPassing(error: Stripe.errors.StripeError): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeRateLimitError ||
    error.code === 'idempotency_key_in_use' ||
    isServersFault(error)
  )
}

/** Stripe would refuse this call again, but not necessarily others. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    !(error instanceof Stripe.errors.StripeAuthenticationError) &&
    !isPassing(error)
  )
}

/**
 * Stripe documents no rule for addresses, only the error `email_invalid` (Error codes). The order has the address already:
 * without one in the session, Stripe's page asks the buyer for it.
 */
export function isOddEmail(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeInvalidRequestError &&
    (error.code === 'email_invalid' || error.param === 'customer_email')
  )
}

export function isOddExpiry(error: unknown): error is Stripe.errors.StripeInvalidRequestError {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.param === 'expires_at'
}

/**
 * Stripe repeats a saved 500 for as long as it knows the key, so only another key helps, after a delay that shows whether there
 * is a refund after all. After a timeout or a proxy's error the call may still be running: then the key has to stay.
 */
export function isKeptUnderItsKey(error: unknown): boolean {
  // The same key with another amount, because a part was refunded by hand meanwhile.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.code !== 'idempotency_key_in_use'
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false
  return error.statusCode === 500 || error.headers?.['idempotent-replayed'] === 'true'
}

/** Retrying is pointless: the request itself is wrong. */
export function isInvalidRequest(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && !isPassing(error)
}
