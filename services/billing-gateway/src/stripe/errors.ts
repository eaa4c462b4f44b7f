import { RequestRefused } from '@spawnpoint/messaging'
import Stripe from 'stripe'

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
function isPassing(error: Stripe.errors.StripeError): boolean {
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

/**
 * Stripe documents no rule for addresses, but the error `email_invalid` (Error codes). The order has the address already: without
 * one in the session, the buyer is asked for it on Stripe's page.
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
 * Stripe repeats a 500 for as long as it knows the key, so only another key helps; it is used once time has shown whether there
 * is a refund after all. After a timeout, or what a proxy answered, the call may still be under way: then the key has to stay.
 */
export function isKeptUnderItsKey(error: unknown): boolean {
  // The same key with another amount, because some of it was refunded by hand meanwhile.
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error.code !== 'idempotency_key_in_use'
  if (!(error instanceof Stripe.errors.StripeAPIError)) return false
  return error.statusCode === 500 || error.headers?.['idempotent-replayed'] === 'true'
}

/** Nothing but another request would help. */
export function isInvalidRequest(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && !isPassing(error)
}
