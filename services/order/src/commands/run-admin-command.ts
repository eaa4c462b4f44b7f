import { inTransaction } from '@spawnpoint/database'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import { orderNotFound } from '../api/show-order.ts'
import type { PrismaClient } from '../generated/client.ts'
import { decideInstruction, type Instruction } from '../rules/decisions/admin-command.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { lockOrders, saveOrders } from '../store/orders.ts'

/** `by` is the API key of who says it. */
export type Instructed = { id: string; instruction: Instruction; reason: string; by: string }

type Context = { prisma: PrismaClient; wake: () => void; log: Logger }

/** Does what a seller says with an order, and keeps the reason in its history. */
export async function instructOrder(
  { prisma, wake, log }: Context,
  { id, instruction, reason, by }: Instructed,
): Promise<void> {
  const now = new Date()
  const note = await inTransaction(prisma, async (tx) => {
    const catalogue = await readCatalogue(tx)
    const order = (await lockOrders(tx, [id])).get(id)
    if (!order) throw orderNotFound(id)
    const decision = decideInstruction(order, { instruction, reason }, { catalogue, now })
    if (decision.kind === 'unchanged') return null
    if (decision.kind === 'refused')
      throw new Problem(409, decision.code, `Order ${id} stays as it is. ${decision.why}`)
    const cause = `${instruction.do}/${id}/${decision.order.version}/${by}`
    const { kind: _, ...change } = decision
    await saveOrders(tx, [{ ...change, cause, at: now }])
    return decision.note
  })
  if (note === null) return
  wake()
  log.info({ orderId: id, by, instruction: instruction.do, note }, `Order changed by hand: ${id}`)
}
