import { PanelError } from '../panel-types/panel-error.ts'
import type { EggVariable, PanelEgg } from '../panel-types/resources.ts'
import { soon } from '../panels/panel-view.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { eggEnvironment } from '../rules/egg-environment.ts'
import { checkEnvironment } from '../rules/egg-rules/check-environment.ts'
import { eggDefects } from '../rules/egg-rules/egg-image.ts'
import { isSecret, planWarnings } from '../rules/egg-rules/plan-warnings.ts'
import { notGenerated, settledForCheck } from '../rules/generated-values.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'

export type FindEgg = (eggId: number) => Promise<PanelEgg | null>

/** Any port: the real one is unknown before the sale. */
const somePort = '25565'

export type CheckedPlan = {
  /** Why the panel would refuse every server of it: a field of the plan, and what to do. */
  defects: { path: string; message: string }[]
  /** What else stands against selling it so, in sentences for the seller. */
  warnings: string[]
}

/** A plan against its egg. */
export async function checkPlanSpec(findEgg: FindEgg, spec: PlanSpec): Promise<CheckedPlan> {
  try {
    const egg = await soon('The egg', findEgg(spec.ptero_egg_id))
    if (egg) return { defects: eggDefects(egg, spec), warnings: againstEgg(egg, spec) }
    return { defects: [], warnings: [`The panel has no egg ${spec.ptero_egg_id}.`] }
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return { defects: [], warnings: [`It is not checked against the egg: ${classifyError(error).message}`] }
  }
}

/** The environment that an order's server would be given, as far as it is known before its placement is. */
export function environmentOf(egg: PanelEgg, spec: PlanSpec, order: Record<string, string>) {
  const ports = Object.fromEntries(spec.ports.map(({ variable }) => [variable, somePort]))
  const settled = settledForCheck(egg, spec, order)
  const environment = eggEnvironment(egg, settled.spec.environment, order, ports)
  return { environment, impossible: settled.impossible }
}

function againstEgg(egg: PanelEgg, spec: PlanSpec): string[] {
  const { variables } = egg.relationships
  const names = new Set(variables.map(({ env_variable }) => env_variable))
  const ports = spec.ports.map(({ variable }) => variable)
  const given = new Set([...Object.keys(spec.environment), ...ports, ...spec.may_set])
  const { environment, impossible } = environmentOf(egg, spec, {})
  const hasNoValue = new Set(impossible.map(({ env_variable }) => env_variable))
  return [
    ...[...given]
      .filter((name) => !names.has(name))
      .map((name) => `The egg has no variable ${name}: it is left out.`),
    ...impossible.map(notGenerated),
    ...checkEnvironment(variables, environment)
      .filter(({ variable }) => !hasNoValue.has(variable))
      .map(({ variable, message, isUnknown }) =>
        environment[variable] === '' && !isUnknown
          ? `${message} ${noDefault(variables, spec, variable)}`
          : message,
      ),
    ...planWarnings(egg, spec),
  ]
}

function noDefault(variables: EggVariable[], spec: PlanSpec, name: string): string {
  const editable = variables.some((one) => one.env_variable === name && one.user_editable)
  const value = isSecret(name) ? `environment.${name} to {"generate": "password"}` : `environment.${name}`
  const orBring =
    editable || spec.may_set.includes(name)
      ? 'or each order has to bring it'
      : `or list it in may_set for each order to bring it`
  return `The egg has no default for it: set ${value} here, ${orBring}.`
}
