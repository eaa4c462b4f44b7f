import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceS = 300

/**
 * True when any of the secrets signed these bytes within five minutes of `now`, on either side: a signature from the future
 * could be sent again for as long as it is ahead. Stripe's own package does the same by way of three copies of the body:
 * https://docs.stripe.com/webhooks#verify-manually
 */
export function isSignedByStripe(body: Buffer, header: string, secrets: string[], now: Date): boolean {
  const { signedAt, signatures } = readHeader(header)
  if (!(Math.abs(now.getTime() / 1000 - Number(signedAt)) <= toleranceS)) return false
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${signedAt}.`).update(body).digest()
    return signatures.some((signature) => timingSafeEqual(signature, expected))
  })
}

/** `t=…,v1=…`, with one v1 for each secret while a secret is replaced; other schemes are not for live events. */
function readHeader(header: string): { signedAt: string; signatures: Buffer[] } {
  const parts = header.split(',')
  const times = parts.filter((part) => /^t=\d{1,12}$/.test(part))
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/.test(part))
  return {
    // With two timestamps it is unclear which one was signed.
    signedAt: times.length === 1 ? (times[0]?.slice(2) ?? '') : 'NaN',
    signatures: signatures.map((part) => Buffer.from(part.slice(3), 'hex')),
  }
}
