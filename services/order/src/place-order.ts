import { inTransaction } from '@spawnpoint/database'
import { decideParked, derivedId, type Nats } from '@spawnpoint/messaging'
import { type Logger, Problem, step } from '@spawnpoint/service-kit'
import { alreadyPaid, askForCheckout } from './ask-for-checkout.ts'
import { type Catalogue, readCatalogue } from './catalogue.ts'
import { onParked } from './consumers.ts'
import type { PrismaClient } from './generated/client.ts'
import { type OrderRequest, placedOrder } from './order.ts'
import { saveOrders } from './orders.ts'
import { requestHash } from './request-hash.ts'

export type PlaceOrderContext = {
  prisma: PrismaClient
  nats: Nats
  /** How long a buyer waits for the gateway before the shop is told to ask again. */
  checkoutWithinMs: number
  wake: () => void
  log: Logger
}

type Placed = { id: string; checkout_url: string }

/** Commits the order first, then asks for its checkout: a repeat with the same key finds the order and goes on from there. */
export function placeOrder(context: PlaceOrderContext) {
  const { prisma, wake, log } = context

  return async (request: OrderRequest, key: { apiKey: string; idempotencyKey: string }): Promise<Placed> => {
    const cause = `${key.apiKey}/${key.idempotencyKey}`
    const id = derivedId(cause, 'order')
    const hash = requestHash(request)
    const { catalogue, created } = await inTransaction(prisma, async (tx) => {
      const catalogue = await readCatalogue(tx)
      const known = await tx.order.findUnique({ where: { id } })
      if (known && known.requestHash !== hash) throw reusedKey()
      if (known) return { catalogue, created: false }
      const { price } = requirePlan(catalogue, request.plan)
      requireRegion(catalogue, request.region)
      const order = placedOrder(id, request, price)
      await saveOrders(tx, [{ order, event: 'order.placed', cause, note: null, at: new Date() }])
      await tx.order.update({ where: { id }, data: { requestHash: hash } })
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
    if (order.billingStatus !== 'unpaid') throw alreadyPaid(id)
    // Its page may be open still, but who asks again wants one that can be paid on: the gateway knows.
    const isOver = order.status === 'cancelled'
    if (!isOver && order.checkoutUrl && order.checkoutExpiresAt && order.checkoutExpiresAt > new Date())
      return order.checkoutUrl
    const { checkout_session_id, checkout_url, expires_at } = await askForCheckout(
      context,
      order,
      requirePlan(catalogue, order.plan),
    )
    await prisma.order.update({
      where: { id },
      data: {
        checkoutSessionId: checkout_session_id,
        checkoutUrl: checkout_url,
        checkoutExpiresAt: new Date(expires_at),
      },
    })
    step('place-order.after-checkout')
    return checkout_url
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
