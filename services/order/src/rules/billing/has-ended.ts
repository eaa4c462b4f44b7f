import type { Subscription } from '@spawnpoint/contracts'

export function hasEnded(subscription: Subscription | null): boolean {
  return subscription?.status === 'canceled' || subscription?.status === 'incomplete_expired'
}
