import type { OrderState } from '@spawnpoint/contracts'

export type Watched = {
  status: OrderState['status']
  billing_status: OrderState['billing_status']
  paid_at: Date
}

/** Paid and without a server: `failed` until a person has looked, `late` when it takes longer than it ever should. */
export type Alarm = 'failed' | 'late'

export function alarmOf(
  { status, billing_status, paid_at }: Watched,
  { now, patienceMs }: { now: Date; patienceMs: number },
): Alarm | null {
  if (billing_status !== 'paid') return null
  switch (status) {
    case 'error':
      return 'failed'
    case 'paid':
    case 'provisioning':
      return now.getTime() - paid_at.getTime() > patienceMs ? 'late' : null
    case 'pending':
    case 'provisioned':
    case 'suspended':
    case 'terminated':
    case 'cancelled':
      return null
    default:
      return status satisfies never
  }
}
