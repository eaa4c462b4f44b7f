import type { Customer } from '@spawnpoint/contracts'
import { inTransaction, type Transaction } from '@spawnpoint/database'
import { decideParked, derivedId } from '@spawnpoint/messaging'
import { failpoint, Problem } from '@spawnpoint/service-kit'
import { decideEvents } from '../consumers/decide-events.ts'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { type ProvisionerContext, reserveCapacity } from '../peers/provisioner.ts'
import { alreadyPaid, requestOrderCheckout } from '../peers/request-checkout.ts'
import { type OrderRequest, placedOrder } from '../rules/order/order.ts'
import { requestHash } from '../rules/order/request-hash.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { findCheckout, saveCheckout, saveRequest } from '../store/checkouts.ts'
import { lockCustomer, openOrdersOf } from '../store/open-orders.ts'
import { saveOrders } from '../store/save-orders.ts'
import { requirePlan, requireRegion, validateOrder } from './validate-order.ts'

export type PlaceOrderContext = ProvisionerContext & {
  prisma: PrismaClient
  /** How many unpaid orders one customer may have. */
  maxOpenOrders: number
  wake: () => void
}

type Placed = { id: string; checkout_url: string }

/** Until the checkout is made, which says how long its page is open. */
const untilCheckoutMs = 120_000
/** The event of a last-minute payment arrives later. */
const marginMs = 1_800_000

/**
 * Validates the order with the provisioner, reserves capacity, commits the order, then requests its checkout: a repeat with the
 * same key continues where the first one stopped. An unused reservation expires by itself.
 */
export function placeOrder(context: PlaceOrderContext) {
  const { prisma, maxOpenOrders, wake, log } = context

  return async (request: OrderRequest, key: { apiKey: string; idempotencyKey: string }): Promise<Placed> => {
    const cause = `${key.apiKey}/${key.idempotencyKey}`
    const id = derivedId(cause, 'order')
    const hash = requestHash(request)
    const [known, catalogue] = await Promise.all([findCheckout(prisma, id), readCatalogue(prisma)])
    if (known) refuseOther(known, hash)
    const open = known && openPageOf(known)
    if (open) return { id, checkout_url: open }
    const { plan, region, version } = known ?? { ...request, version: 1 }
    const { price, ...product } = requirePlan(catalogue, plan)
    if (!known) {
      requireRegion(catalogue, region)
      // Before capacity is reserved in vain; decided once more when the order is created.
      await refuseTooManyOpen(prisma, request.customer, maxOpenOrders)
    }
    const reserveUntil = (until: Date) =>
      reserveCapacity(context, {
        order_id: id,
        order_version: version,
        plan,
        region,
        until: until.toISOString(),
      })
    const { server_name, environment } = request
    const isValidated =
      known !== null || (await validateOrder(context, { plan, region, server_name, environment }))
    if (isValidated) await reserveUntil(new Date(Date.now() + untilCheckoutMs))
    const order = known ?? (await create({ id, cause, hash, request, price, placedBy: key.apiKey }))
    const checkout = await requestOrderCheckout(context, order, product)
    if (isValidated) await reserveUntil(new Date(Date.parse(checkout.expires_at) + marginMs))
    await saveCheckout(prisma, id, checkout)
    failpoint('place-order.after-checkout')
    return { id, checkout_url: checkout.checkout_url }
  }

  async function create({ id, cause, hash, request, price, placedBy }: NewOrder): Promise<Row> {
    const created = await inTransaction(prisma, async (tx) => {
      const known = await findCheckout(tx, id)
      if (known) refuseOther(known, hash)
      if (known) return false
      await lockCustomer(tx, request.customer)
      await refuseTooManyOpen(tx, request.customer, maxOpenOrders)
      const order = placedOrder(id, request, price)
      await saveOrders(tx, [{ order, event: 'order.placed', cause, note: null, at: new Date() }])
      await saveRequest(tx, id, { requestHash: hash, placedBy })
      await decideParked(tx, `order:${id}`, decideEvents)
      failpoint('place-order.before-commit')
      return true
    })
    failpoint('place-order.after-commit')
    if (created) {
      log.info({ orderId: id }, `Order created: ${id}`)
      wake()
    }
    const row = await findCheckout(prisma, id)
    if (!row) throw new Error(`Order ${id} is gone`)
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
  placedBy: string
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

/** Refuses one more order of a customer who has as many unpaid ones with an open checkout as allowed. */
async function refuseTooManyOpen(db: Transaction, customer: Customer, atMost: number): Promise<void> {
  const open = await openOrdersOf(db, customer)
  if (open.length < atMost) return
  throw new Problem(
    409,
    'too_many_open_orders',
    `This customer has ${open.length} unpaid orders (${open.slice(0, 5).join(', ')}), and may have ${atMost}: have one of them paid (GET /orders/:id has its checkout_url), or cancel it (POST /orders/:id/cancel), then send the same request again. A checkout that nobody pays on closes by itself.`,
  )
}
