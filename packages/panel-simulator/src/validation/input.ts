/** A request's fields, read as PHP reads them. */
export type Input = Record<string, unknown>

export function isInput(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What every request goes through: text is trimmed, and empty text becomes null. Passwords are left alone. */
export function normalise(value: unknown, key = ''): unknown {
  if (typeof value === 'string') {
    if (key.startsWith('password')) return value
    return value.trim() === '' ? null : value.trim()
  }
  if (Array.isArray(value)) return value.map((item) => normalise(item))
  if (!isInput(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalise(item, name)]))
}

/** Looks up `limits.memory` or `ports.0`. */
export function lookUp(input: unknown, path: string): { present: boolean; value: unknown } {
  let value: unknown = input
  for (const key of path.split('.')) {
    if (Array.isArray(value) && /^\d+$/.test(key) && Number(key) < value.length) value = value[Number(key)]
    else if (isInput(value) && Object.hasOwn(value, key)) value = value[key]
    else return { present: false, value: undefined }
  }
  return { present: true, value }
}

export function textAt(input: unknown, path: string): string | null {
  const { value } = lookUp(input, path)
  return value === null || value === undefined ? null : asText(value)
}

/** Whole, as the panel's columns are: 512.5 MiB becomes 513. */
export function integerAt(input: unknown, path: string): number | null {
  const { value } = lookUp(input, path)
  return value === null || value === undefined ? null : Math.round(Number(value))
}

export function listAt(input: unknown, path: string): unknown[] {
  const { value } = lookUp(input, path)
  if (Array.isArray(value)) return value
  return isInput(value) ? Object.values(value) : []
}

export function isTrueAt(input: unknown, path: string): boolean {
  return isTruthy(lookUp(input, path).value)
}

function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (isInput(value)) return Object.keys(value).length > 0
  return value !== '0' && Boolean(value)
}

export function asText(value: unknown): string {
  if (value === true) return '1'
  if (value === false || value === null || value === undefined) return ''
  return String(value)
}

export function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isInput(value)) return Object.keys(value).length === 0
  return isBlank(value)
}
