import Stripe from 'stripe'

const toleranceS = 300

/** True when any of the secrets signed these bytes within five minutes of `now`, on either side. */
export function isSignedByStripe(body: Buffer, header: string, secrets: string[], now: Date): boolean {
  const latestS = now.getTime() / 1000 + toleranceS
  // The package refuses old signatures only; one from the future could be replayed for as long as it is ahead.
  // Every t is looked at, because the package believes the last one.
  if (datesOf(header).some((signedAtS) => !(signedAtS <= latestS))) return false
  return secrets.some((secret) => isSignedWith(secret, body, comparable(header)))
}

// The package throws, instead of saying no, at a signature that is empty or is not plain text.
function comparable(header: string): string {
  return header
    .split(',')
    .filter((part) => !part.startsWith('v1=') || /^v1=[0-9a-f]{64}$/.test(part))
    .join(',')
}

function datesOf(header: string): number[] {
  return header
    .split(',')
    .filter((part) => part.startsWith('t='))
    .map((part) => Number(part.slice(2)))
}

function isSignedWith(secret: string, body: Buffer, header: string): boolean {
  try {
    return Stripe.webhooks.signature?.verifyHeader(body, header, secret, toleranceS) ?? false
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false
    throw error
  }
}
