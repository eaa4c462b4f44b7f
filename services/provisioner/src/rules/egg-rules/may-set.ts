import type { PanelEgg } from '../../panel-types/resources.ts'
import type { PlanSpec } from '../plan-spec.ts'

export type RefusedVariable = { variable: string; message: string }

/** The variables of an order that it may not set, each with the reason. */
export function refusedVariables(
  egg: PanelEgg,
  spec: PlanSpec,
  environment: Record<string, string>,
): RefusedVariable[] {
  return Object.keys(environment).flatMap((variable) => {
    const message = refusal(egg, spec, variable)
    return message === null ? [] : [{ variable, message }]
  })
}

function refusal({ relationships }: PanelEgg, spec: PlanSpec, name: string): string | null {
  const { ports, environment, may_set } = spec
  const found = relationships.variables.find(({ env_variable }) => env_variable === name)
  if (!found) return `The egg has no variable ${name}${didYouMean(relationships.variables, name)}.`
  if (ports.some(({ variable }) => variable === name))
    return `${name} receives a port that is chosen when the server is created: leave it out.`
  if (may_set.includes(name)) return null
  if (Object.hasOwn(environment, name))
    return `The plan sets ${name}: leave it out, or list it in the plan's may_set.`
  if (found.user_editable) return null
  return `The egg does not let customers change ${name} (user_editable): leave it out, or list it in the plan's may_set.`
}

function didYouMean(variables: { env_variable: string }[], name: string): string {
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '')
  const like = variables.find(({ env_variable }) => plain(env_variable) === plain(name))
  return like ? `; it has ${like.env_variable}` : ''
}
