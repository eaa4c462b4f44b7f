import { inTransaction } from '@spawnpoint/database'
import { decideParked, derivedId } from '@spawnpoint/messaging'
import { failpoint, Problem } from '@spawnpoint/service-kit'
import { readCatalogue, requirePlan, requireRegion } from '../catalogue.ts'
import { onParked } from '../consumers.ts'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { type OrderRequest, placedOrder } from '../order.ts'
import { saveOrders } from '../orders.ts'
import { alreadyPaid, askForCheckout } from './ask-for-checkout.ts'
import type { HoldContext } from './ask-provisioner.ts'
import { checkWish } from './check-wish.ts'
import { holdPlace } from './hold-place.ts'
import { lockCustomer, refuseTooManyOpen } from './limit-open-orders.ts'
import { requestHash } from './request-hash.ts'

export type PlaceOrderContext = HoldContext & {
  prisma: PrismaClient
  /** How many unpaid orders one customer may have. */
  maxOpenOrders: number
  wake: () => void
}

type Placed = { id: string; checkout_url: string }

/** Until the checkout is made, which says how long its page is open. */
const untilCheckoutMs = 120_000
/** A payment of the last moment is heard of later. */
const marginMs = 1_800_000

/**
 * Asks whether the panel would take it, holds its place, commits the order, then asks for its checkout: a repeat with the same
 * key finds what is there and goes on. A place that nobody goes on with is given back by itself.
 */
export function placeOrder(context: PlaceOrderContext) {
  const { prisma, maxOpenOrders, wake, log } = context

  return async (request: OrderRequest, key: { apiKey: string; idempotencyKey: string }): Promise<Placed> => {
    const cause = `${key.apiKey}/${key.idempotencyKey}`
    const id = derivedId(cause, 'order')
    const hash = requestHash(request)
    const [known, catalogue] = await Promise.all([
      prisma.order.findUnique({ where: { id } }),
      readCatalogue(prisma),
    ])
    if (known) refuseOther(known, hash)
    const open = known && openPageOf(known)
    if (open) return { id, checkout_url: open }
    const { plan, region, version } = known ?? { ...request, version: 1 }
    const { price, ...product } = requirePlan(catalogue, plan)
    if (!known) {
      requireRegion(catalogue, region)
      // Also before a place is held for nothing.
      await refuseTooManyOpen(prisma, request.customer, maxOpenOrders)
    }
    const hold = (until: Date) =>
      holdPlace(context, { order_id: id, order_version: version, plan, region, until: until.toISOString() })
    const { server_name, environment } = request
    const isAnswered =
      known !== null || (await checkWish(context, { plan, region, server_name, environment }))
    if (isAnswered) await hold(new Date(Date.now() + untilCheckoutMs))
    const order = known ?? (await create({ id, cause, hash, request, price }))
    const checkout = await askForCheckout(context, order, product)
    const expiresAt = new Date(checkout.expires_at)
    if (isAnswered) await hold(new Date(expiresAt.getTime() + marginMs))
    await prisma.order.update({
      where: { id },
      data: {
        checkoutSessionId: checkout.checkout_session_id,
        checkoutUrl: checkout.checkout_url,
        checkoutExpiresAt: expiresAt,
      },
    })
    failpoint('place-order.after-checkout')
    return { id, checkout_url: checkout.checkout_url }
  }

  async function create({ id, cause, hash, request, price }: NewOrder): Promise<Row> {
    const created = await inTransaction(prisma, async (tx) => {
      const known = await tx.order.findUnique({ where: { id } })
      if (known) refuseOther(known, hash)
      if (known) return false
      await lockCustomer(tx, request.customer)
      await refuseTooManyOpen(tx, request.customer, maxOpenOrders)
      const order = placedOrder(id, request, price)
      await saveOrders(tx, [{ order, event: 'order.placed', cause, note: null, at: new Date() }])
      await tx.order.update({ where: { id }, data: { requestHash: hash } })
      await decideParked(tx, `order:${id}`, onParked)
      failpoint('place-order.before-commit')
      return true
    })
    failpoint('place-order.after-commit')
    if (created) {
      log.info({ orderId: id }, `Order created: ${id}`)
      wake()
    }
    const row = await prisma.order.findUniqueOrThrow({ where: { id } })
    refuseOther(row, hash)
    return row
  }
}

type NewOrder = {
  id: string
  cause: string
  hash: string
  request: OrderRequest
  price: ReturnType<typeof requirePlan>['price']
}

// Its page may be open still, but who asks again for an order that is over wants one that can be paid on: the gateway knows.
function openPageOf({ status, checkoutUrl, checkoutExpiresAt }: Row): string | null {
  if (status === 'cancelled' || !checkoutExpiresAt || checkoutExpiresAt <= new Date()) return null
  return checkoutUrl
}

function refuseOther({ id, requestHash: known, billingStatus }: Row, hash: string): void {
  if (known !== hash)
    throw new Problem(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key came with another body before. Use a new key for a new order.',
    )
  if (billingStatus !== 'unpaid') throw alreadyPaid(id)
}
