import type { Delivery } from '@spawnpoint/contracts'
import { join, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { notDelivered } from '../rules/order/order.ts'
import { type Alarm, alarmOf, type Watched } from '../rules/order/unfulfilled.ts'

type Row = Omit<Watched, 'is_delivered'> & {
  id: string
  error_message: string | null
  delivery: string | null
}
export type Alarming = Omit<Row, 'delivery'> & { alarm: Alarm }

const atOnce = 1_000

/** Paid orders without a server, the oldest first; all of them, or those that nobody was alarmed about. */
export async function alarmingOrders(
  prisma: PrismaClient,
  patienceMs: number,
  which: 'all' | 'unalarmed',
): Promise<Alarming[]> {
  const isIncluded = which === 'all' ? sql`TRUE` : sql`alarmed_at IS NULL`
  // Status by status, for which the index has them in order: all of them together would have to be sorted.
  const oldest = ['paid', 'provisioning', 'error'].map(
    (status) => sql`(SELECT seq, id, status, billing_status, desired, delivery, error_message,
        COALESCE((SELECT MIN(at) FROM order_history WHERE order_id = orders.id AND billing_status = 'paid'), created_at) AS paid_at
      FROM orders WHERE status = ${status} AND ${isIncluded} ORDER BY seq LIMIT ${atOnce})`,
  )
  const rows = await prisma.$queryRaw<Row[]>(sql`${join(oldest, ' UNION ALL ')} ORDER BY seq LIMIT ${atOnce}`)
  const now = new Date()
  return rows.flatMap(({ delivery, ...row }) => {
    const { delivered: is_delivered } = delivery === null ? notDelivered : (JSON.parse(delivery) as Delivery)
    const alarm = alarmOf({ ...row, is_delivered }, { now, patienceMs })
    return alarm ? [{ ...row, alarm }] : []
  })
}

/** Whether this replica is to log it: one of several does, and a restart does not repeat it. */
export async function claimAlarm(prisma: PrismaClient, { id }: Pick<Row, 'id'>): Promise<boolean> {
  const { count } = await prisma.order.updateMany({
    where: { id, alarmedAt: null },
    data: { alarmedAt: new Date() },
  })
  return count === 1
}
