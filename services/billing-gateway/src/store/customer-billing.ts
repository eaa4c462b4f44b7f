import { join, sql, type Transaction } from '@spawnpoint/database'
import { erasePage, isAmong, type PersonalRows, type Subject } from '@spawnpoint/operations'
import type { PrismaClient } from '../generated/client.ts'

type Ids = Pick<Subject, 'order_ids' | 'payment_ids' | 'subscription_ids'>

/** The payments and subscriptions of these orders, also those that no order knows, such as of a checkout that nobody paid on. */
export async function readCustomerBilling(
  db: Transaction,
  { order_ids, payment_ids, subscription_ids }: Ids,
) {
  const [payments, subscriptions] = await Promise.all([
    db.$queryRaw<{ id: string; state: string }[]>(
      sql`SELECT id, state FROM payment WHERE ${isAmong('order_id', order_ids)} OR ${isAmong('id', payment_ids)}
            OR ${isAmong('session_id', payment_ids)} OR ${isAmong('subscription_id', subscription_ids)} ORDER BY id`,
    ),
    db.$queryRaw<{ id: string; state: string }[]>(
      sql`SELECT id, state FROM subscription
          WHERE version > 0 AND (${isAmong('order_id', order_ids)} OR ${isAmong('id', subscription_ids)}) ORDER BY id`,
    ),
  ])
  return { payments, subscriptions }
}

export async function readCustomerMoney(
  prisma: PrismaClient,
  { orderIds, chargedBy }: { orderIds: string[]; chargedBy: string[] },
) {
  const where = { OR: [{ paymentIntentId: { in: chargedBy } }, { chargeId: { in: chargedBy } }] }
  const [refunds, disputes, fraud_signals, refund_requests, checkouts] = await Promise.all([
    prisma.refund.findMany({ where }),
    prisma.dispute.findMany({ where }),
    prisma.fraudSignal.findMany({ where }),
    prisma.refundRequest.findMany({ where: { orderId: { in: orderIds } } }),
    prisma.checkout.findMany({ where: { orderId: { in: orderIds } }, omit: { requestHash: true } }),
  ])
  const plain = <Row extends { amount: bigint }>(row: Row) => ({ ...row, amount: Number(row.amount) })
  return {
    refunds: refunds.map(plain),
    disputes: disputes.map(plain),
    refund_requests: refund_requests.map(plain),
    ...{ fraud_signals, checkouts },
  }
}

/** The payments, and what is stored beside them. */
export function customerRows(
  { orderIds, paymentIds }: { orderIds: string[]; paymentIds: string[] },
  { json, text }: { json: (value: string) => string; text: (value: string) => string },
): PersonalRows[] {
  return [
    { table: 'payment', id: 'id', where: isAmong('id', paymentIds), columns: { state: json } },
    {
      table: 'refund_request',
      id: 'id',
      where: isAmong('order_id', orderIds),
      columns: { reason: text, note: text, error: text },
    },
    {
      table: 'checkout',
      id: 'order_id',
      where: isAmong('order_id', orderIds),
      columns: { url: () => null, request_hash: () => 'forgotten' },
    },
  ]
}

type Body = { seq: bigint; event_id: string; body: Uint8Array }

/** The stored Stripe events after `after` that name one of these ids or addresses; `last` is where the page ends, null at the end. */
export async function mentioningEvents(
  db: Transaction,
  names: string[],
  { after, size, onlyOpen = false }: { after: bigint; size: number; onlyOpen?: boolean },
): Promise<{ found: Body[]; last: bigint | null }> {
  const open = onlyOpen ? sql`AND processed_at IS NULL` : sql``
  const page = await db.$queryRaw<Body[]>(
    sql`SELECT seq, event_id, body FROM stripe_event WHERE seq > ${after} ${open} ORDER BY seq LIMIT ${size}`,
  )
  const found = page.filter(({ body }) => {
    const text = Buffer.from(body).toString()
    return names.some((name) => text.includes(name))
  })
  return { found, last: page.length === size ? (page.at(-1)?.seq ?? null) : null }
}

/** Erases these bodies, once they are processed; returns how many change. */
export async function eraseEvents(
  tx: Transaction,
  seqs: bigint[],
  {
    erase,
    text,
    dryRun,
  }: { erase: (body: string) => string; text: (error: string) => string; dryRun: boolean },
): Promise<number> {
  if (seqs.length === 0) return 0
  const where = sql`seq IN (${join(seqs)}) AND processed_at IS NOT NULL`
  const rows = { table: 'stripe_event', id: 'seq', where, columns: { body: erase, error: text } }
  return (await erasePage(tx, rows, { after: null, dryRun, size: seqs.length })).changed
}
