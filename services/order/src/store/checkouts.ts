import type { Checkout } from '@spawnpoint/contracts'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import type { Tx } from './tx.ts'

/** The order's row, with the page that its buyer was sent to. */
export async function findCheckout(db: Tx, id: string): Promise<Row | null> {
  return await db.order.findUnique({ where: { id } })
}

/** The page that its buyer is sent to from now on. */
export async function saveCheckout(prisma: PrismaClient, id: string, checkout: Checkout): Promise<void> {
  await prisma.order.update({
    where: { id },
    data: {
      checkoutSessionId: checkout.checkout_session_id,
      checkoutUrl: checkout.checkout_url,
      checkoutExpiresAt: new Date(checkout.expires_at),
    },
  })
}

/** What was asked for, and by which API key. */
export async function saveRequest(
  tx: Tx,
  id: string,
  request: { requestHash: string; placedBy: string | null },
): Promise<void> {
  await tx.order.updateMany({ where: { id, requestHash: null }, data: request })
}
