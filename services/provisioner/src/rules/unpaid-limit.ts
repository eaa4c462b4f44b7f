import type { Size } from './capacity.ts'
import type { Wait } from './waiting-reasons.ts'

/** The nodes on which unpaid orders hold reservations, and how many they may hold there. */
export type UnpaidLimit = {
  region: string
  panelId: string
  nodeIds: number[]
  size: Size
  /** Servers of this size in all. */
  capacity: number
  share: number
}
export type Held = { orders: number; places: number }

/** Whether one more may not be reserved; a single one always may. */
export function isReached({ capacity, share }: UnpaidLimit, { orders, places }: Held): boolean {
  return orders > 0 && places + 1 > capacity * share + 1e-6
}

export function limitReached(limit: UnpaidLimit, held: Held): Wait {
  return {
    class: 'unpaid_capacity_reached',
    message: `${describeReached(limit, held)} Capacity is free again once one of them is paid, cancelled, or its checkout closes: try again in some minutes.`,
  }
}

export function describeReached({ region, capacity, share }: UnpaidLimit, { orders }: Held): string {
  return `${orders} unpaid orders hold as much of the region ${region} as unpaid orders may: ${Math.round(share * 100)} % of about ${capacity} places (UNPAID_CAPACITY_SHARE).`
}
