import { isIP } from 'node:net'
import { readExpression } from './read-expression.ts'

export type Checked = {
  /** Null for what is blank: the panel makes it so. */
  value: string | null
  parameters: string[]
  /** Another of its rules makes it a number: then its size is its value. */
  isNumber: boolean
}

/** What each of the panel's rules accepts of a variable's text. Null: unknown here. */
export const checks: Record<string, (checked: Checked) => boolean | null> = {
  alpha: letters(/^[\p{L}\p{M}]+$/u, /^[a-z]+$/i),
  alpha_dash: letters(/^[\p{L}\p{M}\p{N}_-]+$/u, /^[\w-]+$/),
  alpha_num: letters(/^[\p{L}\p{M}\p{N}]+$/u, /^[a-z\d]+$/i),
  between: (checked) => atLeast(checked, 0) && atMost(checked, 1),
  boolean: ({ value }) => value === '0' || value === '1',
  digits: ({ value, parameters: [length] }) => isDigits(value, length, length),
  digits_between: ({ value, parameters: [least, most] }) => isDigits(value, least, most),
  email: matches(/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/),
  ends_with: ({ value, parameters }) => parameters.some((end) => (value ?? '').endsWith(end)),
  filled: ({ value }) => value !== null,
  gt: (checked) => compared(checked, (size, limit) => size > limit),
  gte: (checked) => compared(checked, (size, limit) => size >= limit),
  in: ({ value, parameters }) => parameters.includes(value ?? ''),
  integer: isInteger,
  int: isInteger,
  ip: ({ value }) => isIP(value ?? '') !== 0,
  ipv4: ({ value }) => isIP(value ?? '') === 4,
  ipv6: ({ value }) => isIP(value ?? '') === 6,
  json: ({ value }) => isJson(value ?? ''),
  lowercase: ({ value }) => (value ?? '') === (value ?? '').toLowerCase(),
  lt: (checked) => compared(checked, (size, limit) => size < limit),
  lte: (checked) => compared(checked, (size, limit) => size <= limit),
  max: (checked) => atMost(checked, 0),
  min: (checked) => atLeast(checked, 0),
  not_in: ({ value, parameters }) => !parameters.includes(value ?? ''),
  not_regex: (checked) => not(fits(checked)),
  numeric: ({ value }) => isNumeric(value),
  present: () => true,
  regex: fits,
  required: ({ value }) => value !== null,
  size: (checked) => atLeast(checked, 0) && atMost(checked, 0),
  starts_with: ({ value, parameters }) => parameters.some((start) => (value ?? '').startsWith(start)),
  string: ({ value }) => value !== null,
  uppercase: ({ value }) => (value ?? '') === (value ?? '').toUpperCase(),
  url: matches(/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+([/?#]\S*)?$/i),
  uuid: matches(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i),
}

function matches(expression: RegExp) {
  return ({ value }: Checked) => value !== null && expression.test(value)
}

// `alpha:ascii` and its like (Laravel, `ValidatesAttributes::validateAlpha`).
function letters(any: RegExp, ascii: RegExp) {
  return ({ value, parameters: [only] }: Checked) =>
    value !== null && (only === 'ascii' ? ascii : any).test(value)
}

// PHP's FILTER_VALIDATE_INT: 64 bits.
function isInteger({ value }: Checked): boolean {
  return (
    value !== null && /^[+-]?(0|[1-9]\d*)$/.test(value) && BigInt.asIntN(64, BigInt(value)) === BigInt(value)
  )
}

function fits({ value, parameters: [text = ''] }: Checked): boolean | null {
  const expression = readExpression(text)
  return expression && value !== null && expression.test(value)
}

function not(answer: boolean | null): boolean | null {
  return answer === null ? null : !answer
}

function isNumeric(value: string | null): boolean {
  return value !== null && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)
}

function isDigits(value: string | null, least = '0', most = '0'): boolean {
  return value !== null && new RegExp(`^\\d{${Number(least)},${Number(most)}}$`).test(value)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function sizeOf({ value, isNumber }: Checked): number {
  return isNumber && isNumeric(value) ? Number(value) : [...(value ?? '')].length
}

function atLeast(checked: Checked, index: number): boolean {
  return sizeOf(checked) >= Number(checked.parameters[index])
}

function atMost(checked: Checked, index: number): boolean {
  return sizeOf(checked) <= Number(checked.parameters[index])
}

// A parameter that is no number names another field.
function compared(checked: Checked, holds: (size: number, limit: number) => boolean): boolean | null {
  const limit = Number(checked.parameters[0])
  return Number.isNaN(limit) ? null : holds(sizeOf(checked), limit)
}
