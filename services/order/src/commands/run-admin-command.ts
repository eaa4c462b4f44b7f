import { Problem } from '@spawnpoint/service-kit'
import { decideInstruction, type Instruction } from '../rules/decisions/admin-command.ts'
import { type CommandContext, changeOrder } from './change-order.ts'

/** `by` is the API key of who says it. */
export type Instructed = { id: string; instruction: Instruction; reason: string; by: string }

/** Does what a seller says with an order, and keeps the reason in its history. */
export async function instructOrder(
  context: CommandContext,
  { id, instruction, reason, by }: Instructed,
): Promise<void> {
  const decision = await changeOrder(context, { id, by, what: instruction.do }, (order, rules) => {
    const decision = decideInstruction(order, { instruction, reason }, rules)
    if (decision.kind === 'apply') return decision
    if (decision.kind === 'unchanged') return null
    throw new Problem(409, decision.code, `Order ${id} stays as it is. ${decision.why}`)
  })
  if (!decision) return
  const { note } = decision
  context.log.info({ orderId: id, by, instruction: instruction.do, note }, `Order changed by hand: ${id}`)
}
