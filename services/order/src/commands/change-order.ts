import { inTransaction } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Applied, Rules } from '../rules/order/decision.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders, orderNotFound } from '../store/orders.ts'
import { saveOrders } from '../store/save-orders.ts'

export type CommandContext = { prisma: PrismaClient; wake: () => void; log: Logger }

/** Decides something about one order and saves it; null: nothing changes. `by` is the API key of who asks for it. */
export async function changeOrder(
  { prisma, wake }: CommandContext,
  { id, by, what }: { id: string; by: string; what: string },
  decide: (order: Order, rules: Rules) => Applied | null,
): Promise<Applied | null> {
  const now = new Date()
  const decision = await inTransaction(prisma, async (tx) => {
    const catalogue = await readCatalogue(tx)
    const order = (await lockOrders(tx, [id])).get(id)
    if (!order) throw orderNotFound(id)
    const decision = decide(order, { catalogue, now })
    if (!decision) return null
    const { kind: _, ...change } = decision
    await saveOrders(tx, [{ ...change, cause: `${what}/${id}/${change.order.version}/${by}`, at: now }])
    return decision
  })
  if (decision) wake()
  return decision
}
