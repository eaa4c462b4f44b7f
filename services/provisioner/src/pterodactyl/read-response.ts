import { z } from '@hono/zod-openapi'
import { PanelError, type PanelErrorDetails } from '../panel-types/panel-error.ts'
import { type Answered, explainAnswer } from './explain-answer.ts'

/** A proxy may ask for more: a paid order never waits longer than this. */
const longestRetryAfterMs = 300_000

/** What the panel gave, checked against the schema; anything else is a `PanelError`. */
export function readResponse<T>(name: string, answered: Answered, schema: z.ZodType<T>): T {
  const { status, text } = answered
  if (status < 200 || status > 299) throw new PanelError(name, describeRefusal(answered))
  const json = readJson(text)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  if (json === undefined) throw new PanelError(name, { kind: 'not_json', status, ...explainAnswer(answered) })
  const detail = `The answer is not what a panel sends: ${z.prettifyError(parsed.error)}`
  throw new PanelError(name, { kind: 'not_json', status, detail })
}

const errorBody = z.object({
  errors: z
    .array(
      z.object({
        code: z.string(),
        detail: z.string(),
        meta: z.object({ source_field: z.string(), rule: z.string() }).partial().optional(),
      }),
    )
    .min(1),
})

function describeRefusal(answered: Answered): PanelErrorDetails {
  const { status, headers, text } = answered
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds * 1_000, longestRetryAfterMs) : undefined
  const parsed = errorBody.safeParse(readJson(text))
  const first = parsed.data?.errors[0]
  if (!first) return { kind: 'not_json', status, retryAfterMs, ...explainAnswer(answered) }
  return {
    kind: 'http',
    status,
    code: first.code,
    detail: parsed.data?.errors.map(({ detail }) => detail).join(' ') ?? first.detail,
    fields: parsed.data?.errors.map(({ meta, detail }) => ({
      field: meta?.source_field ?? '',
      rule: meta?.rule ?? '',
      detail,
    })),
    retryAfterMs,
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
