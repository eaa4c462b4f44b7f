import { checkChange } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { askProvisioner, type ProvisionerContext } from '../peers/provisioner.ts'
import type { Order } from '../rules/order/order.ts'

/** `reinstall`: it is agreed that the server is reinstalled, where the plan is of another egg. */
type Wanted = { plan: string; reinstall?: boolean; mayBePlaced?: boolean }

/**
 * Refuses another plan that the order's server could not be made to fit where it stands, before anything changes. An order without
 * a server is refused too, unless it may still be placed with the new plan.
 */
export async function requireFit(
  context: ProvisionerContext,
  { id }: Pick<Order, 'id'>,
  { plan, reinstall = false, mayBePlaced = false }: Wanted,
): Promise<string[]> {
  const checked = await askProvisioner(context, checkChange, { order_id: id, plan, reinstall })
  if (!checked?.problem) return checked?.warnings ?? []
  const { class: code, message } = checked.problem
  if (mayBePlaced && code === 'server_unknown') return []
  throw new Problem(409, code, `Order ${id} stays as it is, and nothing was charged. ${message}`)
}
