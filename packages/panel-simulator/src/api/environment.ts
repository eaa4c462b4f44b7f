import type { Egg } from '../tables/rows.ts'
import { asText, type Input, lookUp } from '../validation/input.ts'
import { validate } from '../validation/validate.ts'

/**
 * The value of each variable of the egg, by the variable's id; throws if a rule of the egg refuses one.
 * What was not sent is validated as null and kept as '': the egg's default is never used.
 */
export function readEnvironment(egg: Egg, sent: unknown): Map<number, string> {
  const values: Input = Object.fromEntries(
    egg.variables.map(({ env_variable }) => [env_variable, lookUp(sent, env_variable).value ?? null]),
  )
  validate(
    values,
    egg.variables.map(({ env_variable, rules }) => [env_variable, rules]),
    {
      prefix: 'environment.',
      labels: Object.fromEntries(
        egg.variables.map(({ env_variable, name }) => [env_variable, `${name} variable`]),
      ),
    },
  )
  return new Map(egg.variables.map(({ id, env_variable }) => [id, asText(values[env_variable])]))
}
