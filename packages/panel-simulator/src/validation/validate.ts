import { type Problem, ValidationError } from '../http/errors.ts'
import { type Checked, checks, fromPcre } from './checks.ts'
import { isBlank, isInput, lookUp } from './input.ts'
import { labelOf, messageFor } from './messages.ts'
import { parseRules, type Rule } from './rule.ts'

export type Rules = [attribute: string, ...rules: (string | Rule)[]][]

const markers = new Set(['sometimes', 'nullable', 'bail'])
const implicit = new Set(['required', 'required_with', 'required_without', 'present'])
const askTheDatabase = new Set(['unique', 'exists'])

/** Throws the panel's 422 with one error for each rule that fails, in the order of the form. */
export function validate(input: unknown, rules: Rules, { labels = {}, prefix = '' }: Naming = {}): void {
  const problems = rules
    .flatMap(([attribute, ...rest]) => expand(input, attribute).map((path) => ({ path, attribute, rest })))
    .flatMap(({ path, attribute, rest }) => {
      const label = labels[attribute] ?? (path === attribute ? labelOf(path) : path)
      return failuresOf(input, path, rest.flatMap(asRules), label).map(
        ({ rule, text }): Problem => ({ detail: text, meta: { source_field: prefix + path, rule } }),
      )
    })
  if (problems.length > 0) throw new ValidationError(problems)
}

type Naming = { labels?: Record<string, string>; prefix?: string }

/** Throws where a rule could not be checked, so that an egg fails when it is added and not when it is sold. */
export function mustKnow(rules: string): void {
  for (const rule of parseRules(rules)) {
    if (!markers.has(rule.name) && !checks[rule.name])
      throw new Error(`the rule ${rule.name} is not simulated`)
    if (rule.name === 'regex' && 'parameters' in rule) fromPcre(rule.parameters[0] ?? '')
  }
}

function failuresOf(input: unknown, path: string, rules: Rule[], attribute: string) {
  const has = (name: string) => rules.some((rule) => rule.name === name)
  const { present, value } = lookUp(input, path)
  const failures: { rule: string; text: string }[] = []
  if (has('sometimes') && !present) return failures

  const numeric = has('numeric') || has('integer')
  const size = numeric ? 'numeric' : has('array') ? 'array' : 'string'
  for (const rule of rules) {
    const { name } = rule
    if (markers.has(name)) continue
    if (!implicit.has(name)) {
      if (!present || (value === null && has('nullable')) || (typeof value === 'string' && isBlank(value)))
        continue
      if (askTheDatabase.has(name) && failures.length > 0) continue
    }
    const parameters = 'parameters' in rule ? rule.parameters : []
    if (accepts(rule, { value, present, parameters, input, numeric })) continue
    failures.push({ rule: name, text: messageFor({ rule: name, parameters, attribute, size }) })
    if (implicit.has(name) || has('bail')) break
  }
  return failures
}

function accepts(rule: Rule, checked: Checked): boolean {
  if ('accepts' in rule) return rule.accepts(checked.value)
  const check = checks[rule.name]
  if (!check) throw new Error(`the rule ${rule.name} is not simulated`)
  return check(checked)
}

/** `ports.*` stands for each port that was sent. */
function expand(input: unknown, attribute: string): string[] {
  if (!attribute.endsWith('.*')) return [attribute]
  const list = attribute.slice(0, -2)
  const { value } = lookUp(input, list)
  const keys = Array.isArray(value) ? [...value.keys()] : isInput(value) ? Object.keys(value) : []
  return keys.map((key) => `${list}.${key}`)
}

function asRules(rule: string | Rule): Rule[] {
  return typeof rule === 'string' ? parseRules(rule) : [rule]
}
