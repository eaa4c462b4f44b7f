import { z } from 'zod'
import { ApiError } from './api-error.ts'
import type { FormValue } from './form.ts'

/** Reads a form by a schema; what does not fit is answered in the words Stripe's API uses. */
export function readParams<S extends z.ZodType>(schema: S, form: FormValue): z.infer<S> {
  const read = schema.safeParse(form)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw issue ? asApiError(issue, form) : new ApiError(400, 'Invalid request.')
}

export const text = z.string().min(1).max(5000)

export const integer = z
  .string()
  .regex(/^-?\d+$/, 'Invalid integer')
  .transform(Number)

const atLeast = (least: number) => `This value must be greater than or equal to ${least}.`
const atMost = (most: number) => `This value must be less than or equal to ${most} (it currently is '%').`

export const flag = z.enum(['true', 'false'], 'Invalid boolean').transform((value) => value === 'true')

export const currency = z
  .string()
  .regex(/^[a-z]{3}$/i, 'Invalid currency')
  .transform((value) => value.toLowerCase())

/** At most 50 keys of 40 characters with values of 500: the real limits, and a favourite surprise in production. */
export const metadata = z
  .record(
    z.string().max(40, 'Metadata keys can have up to 40 characters'),
    z.string().max(500, 'Metadata values can have up to 500 characters'),
  )
  .refine((entries) => Object.keys(entries).length <= 50, 'Metadata can have up to 50 keys')

/** An empty value takes away what was there. */
export const clearable = <S extends z.ZodType>(schema: S) =>
  z.union([z.literal('').transform(() => null), schema])

/** Metadata is merged; an empty value removes its key, and an empty everything removes all. */
export function mergedMetadata(
  before: Record<string, string> | null,
  changes: Record<string, string> | null | undefined,
) {
  if (changes === null) return {}
  const merged = { ...before, ...changes }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''))
}

/** Real Stripe expands objects; parameters that only ask for that are taken and checked by name where it matters. */
export const expand = z.array(z.string()).optional()

/** Up to 100 at once: more is refused, not cut. Source: docs.stripe.com/api/pagination. */
export const paging = {
  limit: integer.pipe(z.number().int().min(1, atLeast(1)).max(100, atMost(100))).optional(),
  starting_after: text.optional(),
  ending_before: text.optional(),
  expand,
}

/** `created=123` or `created[gte]=123&created[lt]=456`. */
export const range = z
  .union([
    integer.transform((at) => ({ gte: at, lte: at })),
    z.strictObject({
      gt: integer.optional(),
      gte: integer.optional(),
      lt: integer.optional(),
      lte: integer.optional(),
    }),
  ])
  .optional()

export function inRange(at: number, wanted: z.infer<typeof range>) {
  if (!wanted) return true
  const { gt = -1, gte = 0, lt = Infinity, lte = Infinity }: Bounds = wanted
  return at > gt && at >= gte && at < lt && at <= lte
}

type Bounds = {
  gt?: number | undefined
  gte?: number | undefined
  lt?: number | undefined
  lte?: number | undefined
}

function asApiError(issue: z.core.$ZodIssue, form: FormValue) {
  if (issue.code === 'unrecognized_keys') {
    const unknown = paramName([...issue.path, issue.keys[0] ?? ''])
    return new ApiError(400, `Received unknown parameter: ${unknown}`, {
      code: 'parameter_unknown',
      param: unknown,
    })
  }
  const param = paramName(issue.path)
  const value = valueAt(form, issue.path)
  if (value === undefined) {
    return new ApiError(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param })
  }
  if (issue.message.startsWith('This value must be')) {
    return new ApiError(400, issue.message.replace('%', String(value)), {
      code: 'parameter_invalid_integer',
      param,
    })
  }
  if (issue.message === 'Invalid integer') {
    return new ApiError(400, `Invalid integer: ${String(value)}`, {
      code: 'parameter_invalid_integer',
      param,
    })
  }
  return new ApiError(400, `Invalid ${param}: ${issue.message}`, { param })
}

function paramName(path: readonly PropertyKey[]) {
  return path.map((key, depth) => (depth === 0 ? String(key) : `[${String(key)}]`)).join('')
}

function valueAt(form: FormValue, path: readonly PropertyKey[]) {
  let value: unknown = form
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, key)
  }
  return value
}
