import { type CheckOrder, checkOrder } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { askProvisioner, type ProvisionerContext } from '../peers/provisioner.ts'
import type { Catalogue, Plan } from '../rules/order/catalogue.ts'

/** Refuses what the panel would refuse, before anybody pays. False where nobody answers and orders are sold all the same. */
export async function validateOrder(context: ProvisionerContext, request: CheckOrder): Promise<boolean> {
  const checked = await askProvisioner(context, checkOrder, request)
  if (!checked) return false
  // The reservation refuses a plan or a region with a code of its own.
  const errors = checked.problems.filter(({ path }) => path !== 'plan' && path !== 'region')
  if (errors.length === 0) return true
  throw new Problem(
    422,
    'invalid_order',
    `The panel would refuse this server: ${errors.map(({ path, message }) => `${path}: ${message}`).join(' ')}`,
    { errors },
  )
}

export function requirePlan(catalogue: Catalogue, id: string): Plan {
  const plan = catalogue.plans.get(id)
  if (plan) return plan
  throw new Problem(422, 'unknown_plan', `There is no plan ${JSON.stringify(id)}; GET /plans lists them.`)
}

export function requireRegion(catalogue: Catalogue, id: string): void {
  if (!catalogue.regions.has(id))
    throw new Problem(
      422,
      'unknown_region',
      `There is no region ${JSON.stringify(id)}; GET /plans lists them.`,
    )
}
