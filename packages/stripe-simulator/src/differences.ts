/**
 * What an `*.updated` event shows as `previous_attributes`: the old values of what changed. Objects inside are compared
 * part by part, lists as wholes, as Stripe does.
 */
export function differences<T extends object>(before: T, after: T): Partial<T> {
  const previous: Partial<T> = {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old: unknown = Reflect.get(before, key)
    const current: unknown = Reflect.get(after, key)
    if (old === current) continue
    if (JSON.stringify(old) === JSON.stringify(current)) continue
    Reflect.set(previous, key, isPlain(old) && isPlain(current) ? differences(old, current) : (old ?? null))
  }
  return previous
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
