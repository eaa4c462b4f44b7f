import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** An error that the caller can act on. `code` is stable; `detail` says what, why and what next. */
export class Problem extends Error {
  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: string,
    readonly detail: string,
    readonly more: { errors?: { path: string; message: string }[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail)
  }
}

export const requestIncomplete = new Problem(
  400,
  'request_incomplete',
  'The connection ended before the whole request was here.',
)

/** RFC 9457, with a stable `code`, the `request_id` and, for invalid requests, the `errors` by field. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

export function answerProblem(c: Context, problem: Problem): Response {
  const { status, more } = problem
  if (more.retryAfterSeconds !== undefined) c.header('retry-after', String(more.retryAfterSeconds))
  if (status === 401) c.header('www-authenticate', 'Bearer')
  return c.body(JSON.stringify(problemBody(problem, c.get('requestId'))), status, {
    'content-type': 'application/problem+json',
  })
}

export function problemBody(
  { status, code, detail, more }: Problem,
  requestId: string,
): z.infer<typeof problemSchema> {
  return {
    type: 'about:blank',
    title: code.replaceAll('_', ' '),
    status,
    detail,
    code,
    request_id: requestId,
    ...(more.errors ? { errors: more.errors } : {}),
  }
}
