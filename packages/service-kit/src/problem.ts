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

export function answerProblem(c: Context, { status, code, detail, more }: Problem): Response {
  const body: z.infer<typeof problemSchema> = {
    type: 'about:blank',
    title: code.replaceAll('_', ' '),
    status,
    detail,
    code,
    request_id: c.get('requestId'),
    ...(more.errors ? { errors: more.errors } : {}),
  }
  if (more.retryAfterSeconds !== undefined) c.header('retry-after', String(more.retryAfterSeconds))
  if (status === 401) c.header('www-authenticate', 'Bearer')
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' })
}
