import { type CommandContext, changeOrder } from '../commands/change-order.ts'
import type { ProvisionerContext } from '../peers/provisioner.ts'

export type SubscriptionContext = CommandContext & ProvisionerContext

/** Saves what the shop changes about an order. */
export async function writeOrder(
  context: SubscriptionContext,
  change: Parameters<typeof changeOrder>[1],
  decide: Parameters<typeof changeOrder>[2],
): Promise<void> {
  const decision = await changeOrder(context, change, decide)
  if (!decision) return
  const { id, by, what } = change
  const { note } = decision
  context.log.info({ orderId: id, by, note }, `Order changed by its shop (${what}): ${id}`)
}
