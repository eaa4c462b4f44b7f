import { Problem } from '@spawnpoint/service-kit'
import { type AdminCommand, applyAdminCommand } from '../rules/decisions/admin-command.ts'
import { type Correction, decideHeldOrder } from '../rules/decisions/decide-held-order.ts'
import { type CommandContext, changeOrder } from './change-order.ts'

/** `by` is the API key of who sends it. */
export type AdminCommandRequest = { id: string; command: AdminCommand; reason: string; by: string }

/** Runs an operator's command on an order, and keeps the reason in its history. */
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

/** The way out for an order that was paid and is held. `by` is the API key of who asked for it. */
export async function correctOrder(
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
