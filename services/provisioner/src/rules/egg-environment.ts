import type { PanelEgg } from '../panel-types/resources.ts'

/**
 * Every variable of the egg: the order's value, else the plan's, else its default; a port that the server was given cannot be
 * overridden. The panel itself fills in no defaults.
 */
export function eggEnvironment(
  egg: PanelEgg,
  plan: Record<string, string>,
  order: Record<string, string>,
  ports: Record<string, string> = {},
): Record<string, string> {
  return Object.fromEntries(
    egg.relationships.variables.map(({ env_variable: name, default_value }) => [
      name,
      ports[name] ?? order[name] ?? plan[name] ?? default_value ?? '',
    ]),
  )
}
