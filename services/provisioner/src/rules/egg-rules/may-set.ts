import type { PanelEgg } from '../../panel-types/resources.ts'
import type { PlanSpec } from '../plan-spec.ts'

export type RefusedVariable = {
  variable: string
  message: string
  /** It would change nothing: the egg does not have it, or a port takes its place. */
  isWithoutEffect: boolean
}

/** The variables of an order that it may not set, each with the reason. */
export function refusedVariables(
  egg: PanelEgg,
  spec: PlanSpec,
  environment: Record<string, string>,
): RefusedVariable[] {
  return Object.keys(environment).flatMap((variable) => refusal(egg, spec, variable) ?? [])
}

function refusal({ relationships }: PanelEgg, spec: PlanSpec, name: string): RefusedVariable | null {
  const { ports, environment, may_set } = spec
  const because = (message: string, isWithoutEffect = false) => ({ variable: name, message, isWithoutEffect })
  const found = relationships.variables.find(({ env_variable }) => env_variable === name)
  if (!found)
    return because(`The egg has no variable ${name}${didYouMean(relationships.variables, name)}.`, true)
  if (ports.some(({ variable }) => variable === name))
    return because(`${name} receives a port that is chosen when the server is created: leave it out.`, true)
  if (may_set.includes(name)) return null
  if (Object.hasOwn(environment, name))
    return because(`The plan sets ${name}: leave it out, or list it in the plan's may_set.`)
  if (found.user_editable) return null
  return because(
    `The egg does not let customers change ${name} (user_editable): leave it out, or list it in the plan's may_set.`,
  )
}

function didYouMean(variables: { env_variable: string }[], name: string): string {
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '')
  const like = variables.find(({ env_variable }) => plain(env_variable) === plain(name))
  return like ? `; it has ${like.env_variable}` : ''
}
