import { isIP } from 'node:net'
import { asText, isEmpty, isInput, lookUp } from './input.ts'

export type Checked = {
  value: unknown
  present: boolean
  parameters: string[]
  input: unknown
  /** Whether another of its rules makes it a number. */
  numeric: boolean
}

/** What each of Laravel's rules accepts: those that the panel's forms and its eggs use. */
export const checks: Record<string, (checked: Checked) => boolean> = {
  alpha: letters(/^[\p{L}\p{M}]+$/u, /^[a-z]+$/i),
  alpha_dash: letters(/^[\p{L}\p{M}\p{N}_-]+$/u, /^[\w-]+$/),
  alpha_num: letters(/^[\p{L}\p{M}\p{N}]+$/u, /^[a-z\d]+$/i),
  array: ({ value }) => Array.isArray(value) || isInput(value),
  between: (checked) => sizeOf(checked) >= limit(checked, 0) && sizeOf(checked) <= limit(checked, 1),
  boolean: ({ value }) => [true, false, 0, 1, '0', '1'].some((accepted) => accepted === value),
  digits: (checked) => new RegExp(`^\\d{${limit(checked, 0)}}$`).test(asText(checked.value)),
  digits_between: (checked) =>
    new RegExp(`^\\d{${limit(checked, 0)},${limit(checked, 1)}}$`).test(asText(checked.value)),
  email: ({ value }) => /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/.test(asText(value)),
  in: ({ value, parameters }) => parameters.includes(asText(value)),
  integer: ({ value }) => (typeof value === 'string' ? isIntegerText(value) : Number.isInteger(value)),
  ip: ({ value }) => isIP(asText(value)) !== 0,
  max: (checked) => sizeOf(checked) <= limit(checked, 0),
  min: (checked) => sizeOf(checked) >= limit(checked, 0),
  not_in: ({ value, parameters }) => !parameters.includes(asText(value)),
  numeric: ({ value }) => isNumeric(value),
  present: ({ present }) => present,
  regex: ({ value, parameters: [expression = ''] }) =>
    ['string', 'number'].includes(typeof value) && fromPcre(expression).test(asText(value)),
  required: ({ value }) => !isEmpty(value),
  required_with: ({ value, parameters, input }) =>
    !isEmpty(value) || parameters.every((other) => isEmpty(lookUp(input, other).value)),
  required_without: ({ value, parameters, input }) =>
    !isEmpty(value) || parameters.every((other) => !isEmpty(lookUp(input, other).value)),
  size: (checked) => sizeOf(checked) === limit(checked, 0),
  string: ({ value }) => typeof value === 'string',
  url: ({ value }) => URL.canParse(asText(value)),
}

// Laravel, `ValidatesAttributes::validateAlpha` and its like.
function letters(any: RegExp, ascii: RegExp) {
  return ({ value, parameters: [only] }: Checked) => (only === 'ascii' ? ascii : any).test(asText(value))
}

// PHP's FILTER_VALIDATE_INT: blanks around it, no leading zero, 64 bits.
function isIntegerText(text: string): boolean {
  const isWritten = /^\s*[+-]?(0|[1-9]\d*)\s*$/.test(text)
  return isWritten && BigInt.asIntN(64, BigInt(text.trim())) === BigInt(text.trim())
}

function isNumeric(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
  )
}

/** Reads `/^…$/i`; throws if JavaScript has no such expression. */
export function fromPcre(expression: string): RegExp {
  const end = expression.lastIndexOf(expression.charAt(0))
  return new RegExp(expression.slice(1, end), expression.slice(end + 1))
}

function sizeOf({ value, numeric }: Checked): number {
  if (numeric && isNumeric(value)) return Number(value)
  if (Array.isArray(value)) return value.length
  if (isInput(value)) return Object.keys(value).length
  return [...asText(value)].length
}

function limit({ parameters }: Checked, index: number): number {
  return Number(parameters[index])
}
