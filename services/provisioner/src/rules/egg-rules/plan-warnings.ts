import type { EggVariable, PanelEgg } from '../../panel-types/resources.ts'
import type { PlanSpec } from '../plan-spec.ts'

/** What works on the first server of a plan and hurts on the second. */
export function planWarnings({ relationships: { variables } }: PanelEgg, spec: PlanSpec): string[] {
  return [
    ...variables.flatMap((variable) => sharedPort(variable, spec)),
    ...variables.flatMap((variable) => sharedPassword(variable, spec)),
  ]
}

/** Set by the panel itself. */
const ownPort = 'SERVER_PORT'

function sharedPort({ env_variable: name, default_value }: EggVariable, spec: PlanSpec): string[] {
  if (name === ownPort || !/(^|_)ports?$|[a-z]Port$/i.test(name)) return []
  if (spec.ports.some(({ variable }) => variable === name)) return []
  const fixed = spec.environment[name] ?? default_value ?? ''
  // Zero and blank switch it off.
  if (typeof fixed !== 'string' || !isPort(fixed)) return []
  return [
    `${name} looks like a port, and each server would use ${fixed}, which may be another customer's: list {"variable": "${name}"} under ports.`,
  ]
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text.trim()) && Number(text) > 0 && Number(text) <= 65_535
}

function sharedPassword(variable: EggVariable, spec: PlanSpec): string[] {
  const { env_variable: name, default_value } = variable
  const inPlan = spec.environment[name]
  const shared = inPlan ?? default_value ?? ''
  if (!isSecret(name) || typeof shared !== 'string' || shared.trim() === '') return []
  const whose =
    inPlan === undefined
      ? "the egg's default for all customers who do not set it"
      : 'the same for all customers'
  return [
    `${name} is ${whose}: who has one server knows it for every other. Set environment.${name} to {"generate": "password"} for one of its own per server${
      inPlan === undefined ? '' : ', or remove it and let each order bring it'
    }.`,
  ]
}

/** Whether a variable holds a password, by its name. */
export function isSecret(name: string): boolean {
  return /pass(word|wd|phrase)?($|_)|(^|_)(pw|pwd|secret)($|_)/i.test(name)
}
