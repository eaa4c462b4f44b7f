import type { ProvisionerContext } from '../peers/provisioner.ts'
import { applyAdminCommand } from '../rules/decisions/admin-command.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { findOrder } from '../store/orders.ts'
import type { CommandContext } from './change-order.ts'
import { requireFit } from './require-fit.ts'
import { type AdminCommandRequest, runAdminCommand } from './run-admin-command.ts'

/** An operator's change of plan is refused as a customer's is, where the server does not fit it. */
export async function changePlanByHand(
  context: CommandContext & ProvisionerContext,
  {
    plan,
    reinstall,
    ...request
  }: Omit<AdminCommandRequest, 'command'> & { plan: string; reinstall: boolean },
): Promise<string[]> {
  const { prisma } = context
  const command = { do: 'change-plan', plan, reinstall } as const
  const order = await findOrder(prisma, request.id)
  const rules = { catalogue: await readCatalogue(prisma), now: new Date() }
  const decision = applyAdminCommand(order, { command, reason: request.reason }, rules)
  const isNew = decision.kind === 'apply'
  const warnings = isNew ? await requireFit(context, order, { plan, reinstall, mayBePlaced: true }) : []
  await runAdminCommand(context, { ...request, command })
  return warnings
}
