import { inTransaction } from '@spawnpoint/database'
import { decideParked, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { decideEvents } from '../consumers/decide-events.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { Alarm } from '../rules/order/unfulfilled.ts'
import { countByKind, openDiscrepancies } from '../store/discrepancies.ts'
import { type Alarming, alarmingOrders, claimAlarm } from '../store/unfulfilled-orders.ts'
import {
  ordersWithParkedEvents,
  paidTwice,
  paidWithoutOrder,
  type Unmatched,
} from '../store/unmatched-payments.ts'
import { createOrderChecks } from './order-checks.ts'

const fiveMinutesMs = 300_000
const checkEveryMs = 30_000

/** Payments without a server: counted for `/health`, and logged once per order at error level. */
export function watchUnfulfilledOrders({
  prisma,
  timeScale,
  serverLateMs = fiveMinutesMs,
  wake,
  log,
}: {
  prisma: PrismaClient
  timeScale: number
  /** How long after its payment an order may be without a server. */
  serverLateMs?: number
  /** Called when events were decided that have to be published. */
  wake: () => void
  log: Logger
}) {
  const patienceMs = serverLateMs * timeScale
  const logged = new Set<string>()
  let reading: Promise<Alarming[]> | undefined

  // Several checks of one look share it.
  function readAlarming(): Promise<Alarming[]> {
    reading ??= alarmingOrders(prisma, patienceMs, 'all').finally(() => {
      reading = undefined
    })
    return reading
  }

  async function tick(): Promise<number> {
    if ((await decideLateEvents(prisma)) > 0) wake()
    const alarming = await alarmingOrders(prisma, patienceMs, 'unalarmed')
    for (const order of alarming) if (await claimAlarm(prisma, order)) logOrder(log, order)
    for (const stray of await paidWithoutOrder(prisma, patienceMs)) logOnce(stray, 'Paid without an order')
    for (const stray of await paidTwice(prisma)) logOnce(stray, 'Paid twice')
    for (const { id, kind, order_id, finding } of await openDiscrepancies(prisma)) {
      if (logged.has(id)) continue
      logged.add(id)
      log.error({ orderId: order_id, kind, problem: finding }, `Discrepancy ${kind}: ${finding}`)
    }
    return 0
  }

  function logOnce({ event_id, why }: Unmatched, what: string): void {
    if (logged.has(event_id)) return
    logged.add(event_id)
    log.error({ eventId: event_id, problem: why }, `${what}: ${why}`)
  }

  const loop: Loop = startLoop({
    tick,
    idleMs: Math.max(250, checkEveryMs * timeScale),
    onError: (error) => log.warn({ err: error }, 'Paid orders could not be read; retrying'),
  })

  return {
    tick,
    stop: loop.stop,
    checks: createOrderChecks({ prisma, patienceMs, readAlarming }),
    /** At most 1,000 orders are counted. */
    async summary() {
      const alarming = await readAlarming()
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

function logOrder(log: Logger, { id, status, alarm, paid_at, error_message }: Alarming): void {
  log.error(
    { orderId: id, status, alarm, paidAt: paid_at, problem: error_message },
    `Paid without a server: ${id}`,
  )
}

/**
 * Decides what is parked for an order that is there: a payment and its order that were committed at the same moment did not
 * see each other.
 */
async function decideLateEvents(prisma: PrismaClient): Promise<number> {
  const ids = await ordersWithParkedEvents(prisma)
  for (const id of ids) await inTransaction(prisma, (tx) => decideParked(tx, `order:${id}`, decideEvents))
  return ids.length
}
