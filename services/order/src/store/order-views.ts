import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { mayBeOrderId, orderNotFound } from './orders.ts'
import type { Tx } from './tx.ts'

/** The order with its history. */
export async function readOrderRow(prisma: PrismaClient, id: string) {
  const row = await prisma.order.findUnique({ where: { id } })
  if (!row) throw orderNotFound(id)
  return row
}

/** 404 of an order that this API key did not place, as if there were none. */
export async function requirePlacedBy(prisma: PrismaClient, id: string, apiKey: string): Promise<void> {
  if (!mayBeOrderId(id)) throw orderNotFound(id)
  const row = await prisma.order.findUnique({ where: { id }, select: { placedBy: true } })
  if (row?.placedBy !== apiKey) throw orderNotFound(id)
}

export async function readHistory(prisma: PrismaClient, id: string) {
  return await prisma.orderHistory.findMany({ where: { orderId: id }, orderBy: { id: 'asc' } })
}

export type OrderFilter = {
  [Field in 'status' | 'billing_status' | 'subscription_id']?: string | undefined
} & {
  /** Only those that this API key placed. */
  placed_by?: string | undefined
}

/** Newest first. `next` is null on the last page. */
export async function readOrderPage(
  prisma: PrismaClient,
  { limit, starting_after, ...filter }: OrderFilter & { limit: number; starting_after?: string | undefined },
): Promise<{ page: Row[]; next: string | null }> {
  // First where the page is: for whole orders, MariaDB would read all that come before it.
  const found = await prisma.order.findMany({
    select: { seq: true },
    where: {
      ...whereOf(filter),
      ...(starting_after ? { seq: { lt: BigInt(starting_after) } } : {}),
    },
    orderBy: { seq: 'desc' },
    take: limit + 1,
  })
  const seqs = found.slice(0, limit).map(({ seq }) => seq)
  const page = await prisma.order.findMany({ where: { seq: { in: seqs } }, orderBy: { seq: 'desc' } })
  return { page, next: found.length > limit ? String(seqs.at(-1)) : null }
}

function whereOf({
  status,
  billing_status: billingStatus,
  subscription_id: subscriptionId,
  placed_by: placedBy,
}: OrderFilter) {
  return {
    ...(status ? { status } : {}),
    ...(billingStatus ? { billingStatus } : {}),
    ...(subscriptionId ? { subscriptionId } : {}),
    ...(placedBy ? { placedBy } : {}),
  }
}

/** What a dry run compares: the order as its owner and the shop see it. */
export async function showOrder(tx: Tx, id: string): Promise<Record<string, unknown> | null> {
  const row = await tx.order.findUnique({ where: { id } })
  if (!row) return null
  return {
    status: row.status,
    billing_status: row.billingStatus,
    desired: row.desired,
    version: row.version,
    payment_id: row.paymentId,
    ptero_identifier: row.pteroIdentifier,
    address: row.address,
    error_message: row.errorMessage,
  }
}
