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
    // Below two seconds calls would time out on a busy machine alone.
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
