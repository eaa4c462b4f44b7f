import { type CheckOrder, checkOrder } from '@spawnpoint/contracts'
import { Problem } from '@spawnpoint/service-kit'
import { askProvisioner, type HoldContext } from '../peers/provisioner.ts'
import type { Catalogue, Plan } from '../rules/order/catalogue.ts'

/** What the panel would refuse is refused before anybody pays. False where nobody answers and it is sold all the same. */
export async function validateOrder(context: HoldContext, request: CheckOrder): Promise<boolean> {
  const checked = await askProvisioner(context, checkOrder, request)
  if (!checked) return false
  // Whether plan and region can be placed, the place itself says by its own code.
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
