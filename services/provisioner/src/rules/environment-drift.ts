import type { Difference, Known, Shown } from './compared.ts'
import { isSecret } from './egg-rules/plan-warnings.ts'

/** A variable names a port that the server does not have, which may be another customer's. */
export function ports(spec: Known['spec'], { allocation, container, relationships }: Shown): Difference[] {
  const { allocations } = relationships ?? {}
  if (!spec || !allocations) return []
  const own = new Set(allocations.filter(({ id }) => id !== allocation).map(({ port }) => String(port)))
  const wrong = spec.ports
    .map(({ variable }) => ({ variable, port: String(container.environment[variable] ?? '') }))
    .filter(({ port }) => !own.has(port))
  if (wrong.length === 0) return []
  const value = wrong.map(({ variable, port }) => `${variable}:${port}`).join(' ')
  const names = wrong.map(({ variable, port }) => `${variable} (${port || 'empty'})`).join(', ')
  return [{ field: 'ports', value, text: `${names} names no port of its own` }]
}

/**
 * A variable that the order or the plan sets has another value, and customers cannot have changed it: what they can change is theirs. Values
 * that may be secrets are not told.
 */
export function variables(
  { spec, variables: set }: Known,
  { egg, container }: Shown,
  lockedIn: (eggId: number) => ReadonlySet<string>,
): Difference[] {
  if (!spec || spec.ptero_egg_id !== egg) return []
  const locked = lockedIn(egg)
  const isPort = new Set(spec.ports.map(({ variable }) => variable))
  const shown = (name: string) => String(container.environment[name] ?? '').trim()
  const wrong = Object.entries(set)
    .filter(([name, { value }]) => locked.has(name) && !isPort.has(name) && shown(name) !== value.trim())
    .map(([name, one]) => ({ name, value: one.value, isHidden: one.isSecret || mayBeSecret(name) }))
  if (wrong.length === 0) return []
  const texts = wrong.map(({ name, value, isHidden }) =>
    isHidden ? `${name} has another value` : `${name} is ${quoted(shown(name))} instead of ${quoted(value)}`,
  )
  const values = wrong.map(({ name, isHidden }) => (isHidden ? name : `${name}:${shown(name)}`))
  return [{ field: 'variables', value: values.join(' '), text: texts.join(', ') }]
}

function mayBeSecret(name: string): boolean {
  return isSecret(name) || /token|key|auth|credential|license/i.test(name)
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 100))
}
