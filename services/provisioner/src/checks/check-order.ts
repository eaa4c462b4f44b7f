import type { CheckedOrder, CheckOrder } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { soon } from '../panels/panel-view.ts'
import type { Panels } from '../panels/panels.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { checkEnvironment } from '../rules/egg-rules/check-environment.ts'
import { eggDefects } from '../rules/egg-rules/egg-image.ts'
import { refusedVariables } from '../rules/egg-rules/may-set.ts'
import { notGenerated } from '../rules/generated-values.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'
import { planWithoutSpec } from '../rules/waiting-reasons.ts'
import { findPlanSpec } from '../store/plan-specs.ts'
import { isRegionServed, panelOfRegion } from '../store/regions.ts'
import { environmentOf, type FindEgg } from './check-plan-spec.ts'

type Finding = CheckedOrder['problems'][number]

/** Whether the panel would accept an order, as far as that is known before it is asked. */
export function createCheckOrder({ prisma, panels }: { prisma: PrismaClient; panels: Panels }) {
  return async (order: CheckOrder): Promise<CheckedOrder> => {
    const panelId = await panelOfRegion(prisma, order.region)
    const [spec, hasNodes] = await Promise.all([
      findPlanSpec(prisma, order.plan, panelId),
      isRegionServed(prisma, order.region),
    ])
    const findEgg = async (eggId: number) => await (await panels.get(panelId)).view.egg(eggId)
    const byEgg = spec ? await judge(findEgg, spec, order) : { problems: [], warnings: [] }
    return {
      problems: [
        ...(spec ? [] : [{ path: 'plan', message: planWithoutSpec(order.plan, panelId).message }]),
        ...(hasNodes ? [] : [{ path: 'region', message: `No node is set for the region ${order.region}.` }]),
        ...unwritable(order),
        ...byEgg.problems,
      ],
      warnings: byEgg.warnings,
    }
  }
}

async function judge(findEgg: FindEgg, spec: PlanSpec, { environment }: CheckOrder): Promise<CheckedOrder> {
  try {
    const egg = await soon('The egg', findEgg(spec.ptero_egg_id))
    if (egg) return againstEgg(egg, spec, environment)
    const message = `The panel has no egg ${spec.ptero_egg_id}.`
    return { problems: [{ path: 'plan.ptero_egg_id', message }], warnings: [] }
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    const message = `The egg could not be asked for its rules: ${classifyError(error).message}`
    return { problems: [], warnings: [{ path: 'plan', message }] }
  }
}

function againstEgg(egg: PanelEgg, spec: PlanSpec, sent: Record<string, string>): CheckedOrder {
  const refused = refusedVariables(egg, spec, sent)
  const { environment, impossible } = environmentOf(egg, spec, sent)
  const isSaid = new Set([
    ...refused.map(({ variable }) => variable),
    ...impossible.map(({ env_variable }) => env_variable),
  ])
  const findings = checkEnvironment(egg.relationships.variables, environment)
    .filter(({ variable }) => !isSaid.has(variable))
    .map((finding) => ({ ...finding, path: `environment.${finding.variable}` }))
  return {
    problems: [
      ...eggDefects(egg, spec).map(({ path, message }) => ({ path: `plan.${path}`, message })),
      ...refused.map(({ variable, message }) => ({ path: `environment.${variable}`, message })),
      ...impossible.map((variable) => ({
        path: `plan.environment.${variable.env_variable}`,
        message: notGenerated(variable),
      })),
      ...findings.filter(({ isUnknown }) => !isUnknown).map(asFinding),
    ],
    warnings: findings.filter(({ isUnknown }) => isUnknown).map(asFinding),
  }
}

// The panel takes blanks for nothing, and half a letter for a broken request.
function unwritable({ server_name, environment }: CheckOrder): Finding[] {
  const problems: Finding[] = []
  if (!/[^\s\p{C}]/u.test(server_name))
    problems.push({ path: 'server_name', message: 'The name has no letter that can be seen.' })
  const texts = { server_name, ...prefixed(environment) }
  for (const [path, text] of Object.entries(texts))
    if (/\p{Surrogate}/u.test(text))
      problems.push({ path, message: 'There is half a letter in it (a lone surrogate).' })
  return problems
}

function prefixed(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, text]) => [`environment.${name}`, text]))
}

function asFinding({ path, message }: Finding): Finding {
  return { path, message }
}
