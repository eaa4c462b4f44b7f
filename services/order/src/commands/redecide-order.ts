import { inTransaction } from '@spawnpoint/database'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import { orderNotFound } from '../api/show-order.ts'
import type { PrismaClient } from '../generated/client.ts'
import { type Correction, decideHeldOrder } from '../rules/decisions/decide-held-order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders, saveOrders } from '../store/orders.ts'

type Context = { prisma: PrismaClient; wake: () => void; log: Logger }

/** The way out for an order that was paid and is held. `by` is the API key of who asked for it. */
export async function decideOrderAgain(
  { prisma, wake, log }: Context,
  { id, correction, by }: { id: string; correction: Correction; by: string },
): Promise<void> {
  const now = new Date()
  const note = await inTransaction(prisma, async (tx) => {
    const catalogue = await readCatalogue(tx)
    const order = (await lockOrders(tx, [id])).get(id)
    if (!order) throw orderNotFound(id)
    const decision = decideHeldOrder(order, correction, { catalogue, now })
    if (decision.kind === 'held')
      throw new Problem(409, decision.code, `Order ${id} stays as it is. ${decision.why}`)
    const { kind: _, ...change } = decision
    const cause = `decide/${id}/${decision.order.version}/${by}`
    await saveOrders(tx, [{ ...change, cause, at: now }])
    return decision.note
  })
  wake()
  log.info({ orderId: id, by, note }, `Order decided again: ${id}`)
}
