import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'

const problem =
  'Stripe refuses the key, so no checkout can be made: correct STRIPE_SECRET_KEY and start the gateway again.'

/** One cheap call, so that a wrong key shows before the first buyer; then watches the responses of all other calls. */
export function watchStripeKey({
  stripe,
  log,
}: {
  stripe: Stripe
  log: Logger
}): () => Promise<string | null> {
  let isRefused = false
  stripe.on('response', ({ status }: Stripe.ResponseEvent) => {
    if (status === 401 && !isRefused) log.error(problem)
    isRefused = status === 401
  })
  stripe.events.list({ limit: 1 }).then(
    () => log.info('Stripe accepted the key'),
    (error) => log.warn({ problem: String(error) }, 'Stripe could not be reached'),
  )
  return async () => (isRefused ? problem : null)
}
