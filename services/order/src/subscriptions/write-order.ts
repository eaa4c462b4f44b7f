import { inTransaction } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import { orderNotFound } from '../api/show-order.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { Applied, Rules } from '../rules/order/decision.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders, saveOrders } from '../store/orders.ts'

type Context = { prisma: PrismaClient; wake: () => void; log: Logger }

/** Decides something about one order and saves it. `by` is the API key of who asks for it. */
export async function writeOrder(
  { prisma, wake, log }: Context,
  { id, by, what }: { id: string; by: string; what: string },
  decide: (order: Order, rules: Rules) => Applied | null,
): Promise<void> {
  const now = new Date()
  const note = await inTransaction(prisma, async (tx) => {
    const catalogue = await readCatalogue(tx)
    const order = (await lockOrders(tx, [id])).get(id)
    if (!order) throw orderNotFound(id)
    const decision = decide(order, { catalogue, now })
    if (!decision) return undefined
    const { kind: _, ...change } = decision
    await saveOrders(tx, [{ ...change, cause: `${what}/${id}/${change.order.version}/${by}`, at: now }])
    return change.note
  })
  if (note === undefined) return
  wake()
  log.info({ orderId: id, by, note }, `Order changed by its shop (${what}): ${id}`)
}
