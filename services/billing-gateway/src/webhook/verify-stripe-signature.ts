import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceS = 300

/** Why a delivery is refused. Of `body_changed` and `clock` one of our secrets signed what was sent: it came from Stripe. */
export type RefusalCause = 'no_signature' | 'clock' | 'body_changed' | 'other_secret'

/**
 * Null when any of the secrets signed these bytes within five minutes of `now`, on either side: a signature from the future
 * could be sent again for as long as it is ahead. Stripe's own package does the same by way of three copies of the body:
 * https://docs.stripe.com/webhooks#verify-manually
 */
export function refusalOf(body: Buffer, header: string, secrets: string[], now: Date): RefusalCause | null {
  const signature = readHeader(header)
  if (signature === null) return 'no_signature'
  const isSigned = (bytes: Buffer) => secrets.some((secret) => isSignedWith(secret, bytes, signature))
  const isTimely = Math.abs(now.getTime() / 1000 - Number(signature.signedAt)) <= toleranceS
  if (isSigned(body)) return isTimely ? null : 'clock'
  return asStripeWrites(body).some(isSigned) ? 'body_changed' : 'other_secret'
}

type Signature = { signedAt: string; signatures: Buffer[] }

/** `t=…,v1=…`, with one v1 for each secret while a secret is replaced; other schemes are not for live events. */
function readHeader(header: string): Signature | null {
  const parts = header.split(',')
  const [time, ...others] = parts.filter((part) => /^t=\d{1,12}$/.test(part))
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/.test(part))
  // With two timestamps it is unclear which one was signed.
  if (time === undefined || others.length > 0 || signatures.length === 0) return null
  return { signedAt: time.slice(2), signatures: signatures.map((part) => Buffer.from(part.slice(3), 'hex')) }
}

function isSignedWith(secret: string, body: Buffer, { signedAt, signatures }: Signature): boolean {
  const expected = createHmac('sha256', secret).update(`${signedAt}.`).update(body).digest()
  return signatures.some((signature) => timingSafeEqual(signature, expected))
}

/** Stripe indents by two spaces; what parses a body and writes it out again does not. */
function asStripeWrites(body: Buffer): Buffer[] {
  try {
    const event: unknown = JSON.parse(body.toString())
    return [JSON.stringify(event, null, 2), JSON.stringify(event)].map((text) => Buffer.from(text))
  } catch {
    return []
  }
}
