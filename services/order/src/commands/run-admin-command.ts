import { Problem } from '@spawnpoint/service-kit'
import { type AdminCommand, applyAdminCommand } from '../rules/decisions/admin-command.ts'
import { type CommandContext, changeOrder } from './change-order.ts'

/** `by` is the API key of who says it. */
export type AdminCommandRequest = { id: string; command: AdminCommand; reason: string; by: string }

/** Does what a seller says with an order, and keeps the reason in its history. */
export async function runAdminCommand(
  context: CommandContext,
  { id, command, reason, by }: AdminCommandRequest,
): Promise<void> {
  const decision = await changeOrder(context, { id, by, what: command.do }, (order, rules) => {
    const decision = applyAdminCommand(order, { command, reason }, rules)
    if (decision.kind === 'apply') return decision
    if (decision.kind === 'unchanged') return null
    throw new Problem(409, decision.code, `Order ${id} stays as it is. ${decision.why}`)
  })
  if (!decision) return
  const { note } = decision
  context.log.info({ orderId: id, by, instruction: command.do, note }, `Order changed by hand: ${id}`)
}
