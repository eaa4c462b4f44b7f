import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { soon } from '../panels/panel-view.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { eggEnvironment } from '../rules/egg-environment.ts'
import { checkEnvironment } from '../rules/egg-rules/check-environment.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'

export type FindEgg = (eggId: number) => Promise<PanelEgg | null>

/** Any port: the real one is unknown before the sale. */
const somePort = '25565'

/** Problems with selling a plan as it is, in sentences for the seller; none when all is well. */
export async function checkPlanSpec(findEgg: FindEgg, spec: PlanSpec): Promise<string[]> {
  try {
    const egg = await soon('The egg', findEgg(spec.ptero_egg_id))
    return egg ? againstEgg(egg, spec) : [`The panel has no egg ${spec.ptero_egg_id}.`]
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return [`It is not checked against the egg: ${classifyError(error).message}`]
  }
}

/** The environment that an order's server would be given, as far as it is known before its placement is. */
export function environmentOf(egg: PanelEgg, spec: PlanSpec, order: Record<string, string>) {
  const ports = Object.fromEntries(spec.ports.map(({ variable }) => [variable, somePort]))
  return eggEnvironment(egg, spec.environment, order, ports)
}

function againstEgg(egg: PanelEgg, spec: PlanSpec): string[] {
  const { variables } = egg.relationships
  const names = new Set(variables.map(({ env_variable }) => env_variable))
  const given = [...Object.keys(spec.environment), ...spec.ports.map(({ variable }) => variable)]
  const environment = environmentOf(egg, spec, {})
  return [
    ...given
      .filter((name) => !names.has(name))
      .map((name) => `The egg has no variable ${name}: it is left out.`),
    ...checkEnvironment(variables, environment).map(({ variable, message, isUnknown }) =>
      environment[variable] === '' && !isUnknown ? `${message} ${noDefault(variable)}` : message,
    ),
    ...(hasImage(egg, spec) ? [] : ['Neither the plan nor the egg has a docker image: set docker_image.']),
  ]
}

function noDefault(variable: string): string {
  return `The egg has no default for it: set environment.${variable} here, or each order has to bring it.`
}

function hasImage({ docker_image, docker_images }: PanelEgg, spec: PlanSpec): boolean {
  return Boolean(spec.docker_image ?? Object.values(docker_images)[0] ?? docker_image)
}
