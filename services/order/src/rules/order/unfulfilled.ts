import type { OrderState } from '@spawnpoint/contracts'

export type Watched = {
  status: OrderState['status']
  billing_status: OrderState['billing_status']
  desired: OrderState['desired']
  is_delivered: boolean
  paid_at: Date
}

/** Paid and without a server: `failed` until a person has looked, `late` when it takes longer than it ever should. */
export type Alarm = 'failed' | 'late'

export function alarmOf(
  { status, billing_status, paid_at, ...order }: Watched,
  { now, patienceMs }: { now: Date; patienceMs: number },
): Alarm | null {
  if (billing_status !== 'paid')
    return status === 'error' && isPaidInVain(billing_status, order) ? 'failed' : null
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

// Its customer has stopped paying for a server that never was, and the money of the time before is still here.
function isPaidInVain(
  billing: Watched['billing_status'],
  { desired, is_delivered }: Pick<Watched, 'desired' | 'is_delivered'>,
): boolean {
  return (billing === 'ended' || billing === 'past_due') && desired !== 'terminated' && !is_delivered
}
