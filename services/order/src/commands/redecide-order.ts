import { Problem } from '@spawnpoint/service-kit'
import { type Correction, decideHeldOrder } from '../rules/decisions/decide-held-order.ts'
import { type CommandContext, changeOrder } from './change-order.ts'

/** The way out for an order that was paid and is held. `by` is the API key of who asked for it. */
export async function redecideOrder(
  context: CommandContext,
  { id, correction, by }: { id: string; correction: Correction; by: string },
): Promise<void> {
  const decision = await changeOrder(context, { id, by, what: 'decide' }, (order, rules) => {
    const decision = decideHeldOrder(order, correction, rules)
    if (decision.kind === 'apply') return decision
    throw new Problem(409, decision.code, `Order ${id} stays as it is. ${decision.why}`)
  })
  context.log.info({ orderId: id, by, note: decision?.note }, `Order decided again: ${id}`)
}
