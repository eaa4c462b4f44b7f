import { checkRegion } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { askProvisioner, capacityUnknown, type ProvisionerContext } from '../peers/provisioner.ts'
import { applyAdminCommand } from '../rules/decisions/admin-command.ts'
import type { Order } from '../rules/order/order.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { findOrder } from '../store/orders.ts'
import type { CommandContext } from './change-order.ts'
import { type AdminCommandRequest, runAdminCommand } from './run-admin-command.ts'

/** The order follows its server to a region; one that has none yet is placed there. Nothing is moved on the panel. */
export async function changeRegionByHand(
  context: CommandContext & ProvisionerContext,
  { region, ...request }: Omit<AdminCommandRequest, 'command'> & { region: string },
): Promise<void> {
  const { prisma } = context
  const order = await findOrder(prisma, request.id)
  const rules = { catalogue: await readCatalogue(prisma), now: new Date() }
  const command = { do: 'change-region', region, hasServer: false } as const
  const decision = applyAdminCommand(order, { command, reason: request.reason }, rules)
  const hasServer = decision.kind === 'apply' && (await isThere(context, order, region))
  await runAdminCommand(context, { ...request, command: { ...command, hasServer } })
}

/** False: there is no server yet, anywhere. */
async function isThere(
  context: ProvisionerContext,
  { id, ptero_server_id }: Order,
  region: string,
): Promise<boolean> {
  const checked = await askProvisioner(context, checkRegion, { order_id: id, region })
  if (!checked) throw capacityUnknown()
  if (!checked.problem) return true
  const { class: code, message } = checked.problem
  if (code === 'server_unknown' && ptero_server_id === null) return false
  throw new Problem(409, code, `Order ${id} stays in its region. ${message}`)
}
