import { createHash } from 'node:crypto'
import { createCheckout } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { ask, decideParked, derivedId, type Nats, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem, step } from '@spawnpoint/service-kit'
import { type Catalogue, readCatalogue } from './catalogue.ts'
import { onParked } from './consumers.ts'
import type { PrismaClient } from './generated/client.ts'
import { type OrderRequest, placedOrder } from './order.ts'
import { saveOrders } from './orders.ts'

export type PlaceOrderContext = { prisma: PrismaClient; nats: Nats; wake: () => void; log: Logger }

type Placed = { id: string; checkout_url: string }

/** Commits the order first, then asks for its checkout: a repeat with the same key finds the order and goes on from there. */
export function placeOrder({ prisma, nats, wake, log }: PlaceOrderContext) {
  return async (request: OrderRequest, key: { apiKey: string; idempotencyKey: string }): Promise<Placed> => {
    const cause = `${key.apiKey}/${key.idempotencyKey}`
    const id = derivedId(cause, 'order')
    const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
    const { catalogue, created } = await inTransaction(prisma, async (tx) => {
      const catalogue = await readCatalogue(tx)
      const known = await tx.order.findUnique({ where: { id } })
      if (known && known.requestHash !== requestHash) throw reusedKey()
      if (known) return { catalogue, created: false }
      const { price } = requirePlan(catalogue, request.plan)
      requireRegion(catalogue, request.region)
      const order = placedOrder(id, request, price)
      await saveOrders(tx, [{ order, event: 'order.placed', cause, note: null, at: new Date() }])
      await tx.order.update({ where: { id }, data: { requestHash } })
      await decideParked(tx, `order:${id}`, onParked)
      step('place-order.before-commit')
      return { catalogue, created: true }
    })
    step('place-order.after-commit')
    if (created) {
      log.info({ orderId: id }, `Order created: ${id}`)
      wake()
    }
    return { id, checkout_url: await checkoutOf(id, catalogue) }
  }

  async function checkoutOf(id: string, catalogue: Catalogue): Promise<string> {
    const order = await prisma.order.findUniqueOrThrow({ where: { id } })
    if (order.checkoutUrl && order.checkoutExpiresAt && order.checkoutExpiresAt > new Date())
      return order.checkoutUrl
    if (order.billingStatus !== 'unpaid')
      throw new Problem(409, 'order_already_paid', `Order ${id} is already paid.`)
    const plan = requirePlan(catalogue, order.plan)
    try {
      const { checkout_url, expires_at } = await ask({
        nats,
        contract: createCheckout,
        timeoutMs: 20_000,
        request: {
          order_id: id,
          product_name: plan.name,
          price: { amount: Number(order.amount), currency: order.currency },
          interval: plan.interval,
          customer_email: order.customerEmail,
          metadata: { order_id: id, plan: order.plan, region: order.region },
        },
      })
      await prisma.order.update({
        where: { id },
        data: { checkoutUrl: checkout_url, checkoutExpiresAt: new Date(expires_at) },
      })
      step('place-order.after-checkout')
      return checkout_url
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error
      log.warn({ err: error, orderId: id }, 'The checkout could not be made')
      throw new Problem(
        503,
        'checkout_unavailable',
        `Order ${id} is kept, but its checkout could not be made (${error.code}: ${error.message}). Send the same request with the same Idempotency-Key again.`,
        { retryAfterSeconds: 2 },
      )
    }
  }
}

function requirePlan(catalogue: Catalogue, id: string) {
  const plan = catalogue.plans.get(id)
  if (plan) return plan
  throw new Problem(422, 'unknown_plan', `There is no plan ${JSON.stringify(id)}; GET /plans lists them.`)
}

function requireRegion(catalogue: Catalogue, id: string) {
  if (!catalogue.regions.has(id))
    throw new Problem(
      422,
      'unknown_region',
      `There is no region ${JSON.stringify(id)}; GET /plans lists them.`,
    )
}

function reusedKey(): Problem {
  return new Problem(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key came with another body before. Use a new key for a new order.',
  )
}
