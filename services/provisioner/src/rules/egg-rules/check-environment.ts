import type { EggVariable as PanelVariable } from '../../panel-types/resources.ts'
import { checks } from './checks.ts'
import { type Rule, readRules } from './read-rules.ts'

export type EggVariable = Pick<PanelVariable, 'name' | 'env_variable' | 'rules'>

export type EggFinding = {
  /** The variable, such as `MINECRAFT_VERSION`. */
  variable: string
  /** The egg's rule, such as `max`. */
  rule: string
  message: string
  /** True: the rule, or its expression, cannot be judged here; only the panel can. */
  isUnknown: boolean
}

/** The panel's objections to these values of an egg's variables, by the egg's own rules. */
export function checkEnvironment(
  variables: EggVariable[],
  environment: Record<string, string>,
): EggFinding[] {
  return variables.flatMap((variable) => checkVariable(variable, environment[variable.env_variable] ?? ''))
}

const markers = ['nullable', 'bail', 'sometimes']
/** These alone are asked of what is null and may be. */
const askedOfNull = ['required', 'filled', 'present']

function checkVariable({ name, env_variable, rules: written }: EggVariable, sent: string): EggFinding[] {
  const rules = readRules(written)
  const has = (...names: string[]) => rules.some((rule) => names.includes(rule.name))
  const value = sent.trim() === '' ? null : sent.trim()
  const findings: EggFinding[] = []
  for (const rule of rules) {
    if (markers.includes(rule.name)) continue
    if (value === null && has('nullable') && !askedOfNull.includes(rule.name)) continue
    const answer = ask(rule, value, has('numeric', 'integer', 'int'))
    if (answer === true) continue
    const message = `${name} (${env_variable}) ${answer === null ? notKnown(rule) : explain(rule, value)}`
    findings.push({ variable: env_variable, rule: rule.name, message, isUnknown: answer === null })
    if (answer === false && (has('bail') || askedOfNull.includes(rule.name))) break
  }
  return findings
}

function ask({ name, parameters }: Rule, value: string | null, isNumber: boolean): boolean | null {
  const check = Object.hasOwn(checks, name) ? checks[name] : undefined
  return check ? check({ value, parameters, isNumber }) : null
}

function notKnown({ name, parameters }: Rule): string {
  const rule = [name, ...(parameters.length > 0 ? [parameters.join(',')] : [])].join(':')
  return `has the rule ${rule}, which only the panel can judge.`
}

function explain({ name, parameters }: Rule, value: string | null): string {
  if (value === null) return `must have a value (rule ${name}).`
  const limits = parameters.join(', ')
  const words: Record<string, string> = {
    in: `must be one of ${limits}`,
    not_in: `must not be one of ${limits}`,
    max: `must be ${limits} at most, a number or so many characters`,
    min: `must be ${limits} at least, a number or so many characters`,
    between: `must lie between ${parameters.join(' and ')}, a number or so many characters`,
    boolean: 'must be 0 or 1',
    integer: 'must be a whole number',
    numeric: 'must be a number',
    regex: `must look like ${limits}`,
  }
  return `${words[name] ?? `breaks the rule ${[name, limits].filter(Boolean).join(':')}`}.`
}
