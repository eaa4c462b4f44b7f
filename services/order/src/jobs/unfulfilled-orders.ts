import { join, type Sql, sql } from '@spawnpoint/database'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { type Alarm, alarmOf, type Watched } from '../rules/order/unfulfilled.ts'
import { countByKind, openDiscrepancies } from '../store/open-discrepancies.ts'
import { paidTwice, paidWithoutOrder, type Stray } from '../store/unmatched-payments.ts'
import { decideStragglers } from './late-events.ts'

type Row = Watched & { id: string; error_message: string | null }
type Alarming = Row & { alarm: Alarm }

const atOnce = 1_000
const fiveMinutesMs = 300_000
const lookEveryMs = 30_000

/** Money that is in and has no server to show for it: counted for `/health`, and said once per order at error level. */
export function watchPaidOrders({
  prisma,
  timeScale,
  wake,
  log,
}: {
  prisma: PrismaClient
  timeScale: number
  /** Called when events were decided that have to be published. */
  wake: () => void
  log: Logger
}) {
  const patienceMs = fiveMinutesMs * timeScale
  const said = new Set<string>()

  async function tick(): Promise<number> {
    if ((await decideStragglers(prisma)) > 0) wake()
    const alarming = await alarmingOrders(prisma, patienceMs, sql`alarmed_at IS NULL`)
    for (const order of alarming) if (await isFirstToSay(prisma, order)) sayOrder(log, order)
    for (const stray of await paidWithoutOrder(prisma, patienceMs)) sayOnce(stray, 'Paid without an order')
    for (const stray of await paidTwice(prisma)) sayOnce(stray, 'Paid twice')
    for (const { id, kind, order_id, finding } of await openDiscrepancies(prisma)) {
      if (said.has(id)) continue
      said.add(id)
      log.error({ orderId: order_id, kind, problem: finding }, `Discrepancy ${kind}: ${finding}`)
    }
    return 0
  }

  function sayOnce({ event_id, why }: Stray, what: string): void {
    if (said.has(event_id)) return
    said.add(event_id)
    log.error({ eventId: event_id, problem: why }, `${what}: ${why}`)
  }

  const loop: Loop = startLoop({
    tick,
    idleMs: Math.max(250, lookEveryMs * timeScale),
    onError: (error) => log.warn({ err: error }, 'Paid orders could not be looked at; trying again'),
  })

  return {
    tick,
    stop: loop.stop,
    /** At most 1,000 orders are counted. */
    async summary() {
      const alarming = await alarmingOrders(prisma, patienceMs, sql`TRUE`)
      const count = (alarm: Alarm) => alarming.filter((order) => order.alarm === alarm).length
      return {
        paid_without_server: { failed: count('failed'), late: count('late') },
        paid_without_order: (await paidWithoutOrder(prisma, patienceMs)).length,
        paid_twice: (await paidTwice(prisma)).length,
        discrepancies: countByKind(await openDiscrepancies(prisma)),
      }
    },
  }
}

async function alarmingOrders(prisma: PrismaClient, patienceMs: number, which: Sql): Promise<Alarming[]> {
  // Status by status, for which the index has them in order: all of them together would have to be sorted.
  const oldest = ['paid', 'provisioning', 'error'].map(
    (status) => sql`(SELECT seq, id, status, billing_status, error_message,
        COALESCE((SELECT MIN(at) FROM order_history WHERE order_id = orders.id AND billing_status = 'paid'), created_at) AS paid_at
      FROM orders WHERE status = ${status} AND ${which} ORDER BY seq LIMIT ${atOnce})`,
  )
  const rows = await prisma.$queryRaw<Row[]>(sql`${join(oldest, ' UNION ALL ')} ORDER BY seq LIMIT ${atOnce}`)
  const now = new Date()
  return rows.flatMap((row) => {
    const alarm = alarmOf(row, { now, patienceMs })
    return alarm ? [{ ...row, alarm }] : []
  })
}

// One of several replicas says it, and a restart does not say it again.
async function isFirstToSay(prisma: PrismaClient, { id }: Row): Promise<boolean> {
  const written = await prisma.$executeRaw(
    sql`UPDATE orders SET alarmed_at = UTC_TIMESTAMP(3) WHERE id = ${id} AND alarmed_at IS NULL`,
  )
  return written === 1
}

function sayOrder(log: Logger, { id, status, alarm, paid_at, error_message }: Alarming): void {
  log.error(
    { orderId: id, status, alarm, paidAt: paid_at, problem: error_message },
    `Paid without a server: ${id}`,
  )
}
