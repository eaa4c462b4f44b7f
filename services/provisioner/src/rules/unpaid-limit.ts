import { join, sql, type Transaction } from '@spawnpoint/database'
import type { Size } from './capacity.ts'
import { inPlaces } from './region-capacity.ts'
import type { Wait } from './wait.ts'

/** Where unpaid orders hold places, and how many they may hold there. */
export type UnpaidLimit = {
  region: string
  panelId: string
  nodeIds: number[]
  size: Size
  /** Places of this size in all. */
  capacity: number
  share: number
}
export type Held = { orders: number; places: number }

/** What is held for longer belongs to a payment under way: a checkout is open for a day at most. */
const checkoutDays = 2

/** What unpaid orders hold on these nodes; not counted are payments under way, and the order that asks. */
export async function heldUnpaid(
  db: Transaction,
  { panelId, nodeIds, size }: Pick<UnpaidLimit, 'panelId' | 'nodeIds' | 'size'>,
  orderId = '',
): Promise<Held> {
  const rows = await db.$queryRaw<Size[]>(
    sql`SELECT memory, disk, cpu FROM allocation_claim
        WHERE node_id IN (${join(nodeIds)}) AND panel_id = ${panelId} AND position = 0 AND order_id <> ${orderId}
          AND reserved_until > UTC_TIMESTAMP(3) AND reserved_until < UTC_TIMESTAMP(3) + INTERVAL ${checkoutDays} DAY`,
  )
  return { orders: rows.length, places: rows.reduce((total, taken) => total + inPlaces(taken, size), 0) }
}

/** Whether one more may not be held; one place may always. */
export function isReached({ capacity, share }: UnpaidLimit, { orders, places }: Held): boolean {
  return orders > 0 && places + 1 > capacity * share + 1e-6
}

export function limitReached(limit: UnpaidLimit, held: Held): Wait {
  return {
    class: 'unpaid_capacity_reached',
    message: `${describeReached(limit, held)} A place is free again once one of them is paid, cancelled, or its checkout closes: try again in some minutes.`,
  }
}

export function describeReached({ region, capacity, share }: UnpaidLimit, { orders }: Held): string {
  return `${orders} unpaid orders hold as much of the region ${region} as unpaid orders may: ${Math.round(share * 100)} % of about ${capacity} places (UNPAID_CAPACITY_SHARE).`
}
