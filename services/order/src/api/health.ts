import { openHealth } from '@spawnpoint/messaging'
import type { Check, Checks } from '@spawnpoint/service-kit'
import { consumers } from '../consumers/consumers.ts'

type Options = Omit<Parameters<typeof openHealth>[0], 'service' | 'stream' | 'consumers'> & {
  /** Why subscriptions cannot be looked up. */
  subscriptionTrouble: () => string | null
  /** What of the orders waits for a person. */
  orderChecks: Checks
}

/** What the service checks of itself. */
export function createHealth({ subscriptionTrouble, orderChecks, ...options }: Options) {
  const { database, nats, degrading, close } = openHealth({
    ...options,
    ...{ service: 'order', stream: 'ORDER', consumers },
  })
  const subscriptions: Check = {
    find: async () => subscriptionTrouble(),
    mend: 'see /health of billing-gateway: npx spawnpoint status; an order whose subscription Stripe no longer has: POST /admin/orders/:id/set-subscription',
  }
  return {
    checks: { database, nats: nats('payments cannot be consumed, and no checkout can be made') },
    degrading: { ...degrading, subscriptions, ...orderChecks },
    close,
  }
}
