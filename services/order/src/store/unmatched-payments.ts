import { sql } from '@spawnpoint/database'
import type { Prisma, PrismaClient } from '../generated/client.ts'

/** Money that no order counts, by the payment's event; `why` names the order it waits for, or what went wrong. */
export type Unmatched = { event_id: string; why: string }

const atOnce = 1_000
const paidInVain = ['paid_twice', 'paid_after_end']

/** Payments that wait for an order which nobody placed, and those that could not be decided. */
export async function paidWithoutOrder(prisma: PrismaClient, patienceMs: number): Promise<Unmatched[]> {
  const before = new Date(Date.now() - patienceMs)
  const waiting = await prisma.$queryRaw<Unmatched[]>(
    sql`SELECT parked_event.event_id, waiting_for AS why
        FROM parked_event JOIN inbox ON inbox.event_id = parked_event.event_id
        WHERE inbox.type = 'payment.succeeded' AND parked_at <= ${before} ORDER BY parked_at LIMIT ${atOnce}`,
  )
  const dead = await openDeadLetters(prisma, { subject: 'payment.succeeded', class: { notIn: paidInVain } })
  return [...waiting, ...dead]
}

/** Letters that are resolved when the money has been paid back. */
export async function paidTwice(prisma: PrismaClient): Promise<Unmatched[]> {
  return await openDeadLetters(prisma, { class: { in: paidInVain } })
}

async function openDeadLetters(
  prisma: PrismaClient,
  where: Prisma.DeadLetterWhereInput,
): Promise<Unmatched[]> {
  const rows = await prisma.deadLetter.findMany({
    where: { ...where, resolvedAt: null },
    select: { eventId: true, lastError: true },
    orderBy: { createdAt: 'asc' },
    take: atOnce,
  })
  return rows.map(({ eventId, lastError }) => ({ event_id: eventId, why: lastError }))
}

/** Orders that are there by now, and that events wait for. */
export async function ordersWithParkedEvents(prisma: PrismaClient): Promise<string[]> {
  const orders = await prisma.$queryRaw<{ id: string }[]>(
    sql`SELECT DISTINCT orders.id FROM parked_event JOIN orders ON orders.id = SUBSTRING(waiting_for, 7)
        WHERE waiting_for LIKE 'order:%' LIMIT 100`,
  )
  return orders.map(({ id }) => id)
}
