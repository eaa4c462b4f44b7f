import type { EggVariable, PanelEgg } from '../panel-types/resources.ts'
import { generateValue, type Wanted } from './egg-rules/generate-value.ts'
import type { PlanSpec, SettledSpec } from './plan-spec.ts'

/** What a plan generates for each of its servers: variables of the egg, but for those that the order itself sets. */
export function valuesToGenerate(
  egg: PanelEgg,
  spec: PlanSpec,
  order: Record<string, string>,
): { variable: EggVariable; wanted: Wanted }[] {
  return egg.relationships.variables.flatMap((variable) => {
    const wanted = spec.environment[variable.env_variable]
    const isSet = Object.hasOwn(order, variable.env_variable)
    return wanted === undefined || typeof wanted === 'string' || isSet ? [] : [{ variable, wanted }]
  })
}

/** The spec with these values in place of those it generates; what has none is left out. */
export function settledWith(spec: PlanSpec, values: Record<string, string>): SettledSpec {
  const environment = Object.entries(spec.environment).flatMap(([name, value]) => {
    const settled = typeof value === 'string' ? value : values[name]
    return settled === undefined ? [] : [[name, settled] as const]
  })
  return { ...spec, environment: Object.fromEntries(environment) }
}

/** The spec with values as they might be generated, and the variables for which none could be. */
export function settledForCheck(
  egg: PanelEgg,
  spec: PlanSpec,
  order: Record<string, string>,
): { spec: SettledSpec; impossible: EggVariable[] } {
  const tried = valuesToGenerate(egg, spec, order).map(({ variable, wanted }) => ({
    variable,
    value: generateValue(variable, wanted),
  }))
  const values = tried.flatMap(({ variable, value }) =>
    value === null ? [] : [[variable.env_variable, value]],
  )
  return {
    spec: settledWith(spec, Object.fromEntries(values)),
    impossible: tried.flatMap(({ variable, value }) => (value === null ? [variable] : [])),
  }
}

export function notGenerated({ env_variable, rules }: EggVariable): string {
  return `No password of 8 characters or more was found that the egg takes for ${env_variable} (rules ${rules}): set length and characters in the plan, or a value of your own.`
}
