import type { SubscriptionItem } from '@spawnpoint/contracts'

type Interval = Pick<SubscriptionItem, 'interval' | 'interval_count'>

const steps = { day: 86_400_000, week: 7 * 86_400_000 } as const

/** Where the period of an item ends that begins then, or begins that ends then (`direction` -1), in ms. */
export function shiftByInterval(
  at: number,
  { interval, interval_count: count }: Interval,
  direction: 1 | -1,
): number {
  if (interval === 'day' || interval === 'week') return at + direction * steps[interval] * count
  const moved = new Date(at)
  moved.setUTCMonth(moved.getUTCMonth() + direction * count * (interval === 'year' ? 12 : 1))
  return moved.getTime()
}
