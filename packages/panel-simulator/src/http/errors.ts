import type { Answer } from './answer-parts.ts'

export type Problem = { detail: string; meta?: { source_field: string; rule: string } }

type Kind = {
  /** `json` is pretty, as the panel's exception handler prints; `display` is compact, and a redirect for a browser. */
  as?: 'json' | 'display'
  headers?: Record<string, string>
}

/** An error as the panel answers it: `code` is the name of its PHP exception. */
export class PanelError extends Error {
  readonly status: number
  readonly code: string
  readonly problems: Problem[]
  readonly as: 'json' | 'display'
  readonly headers: Record<string, string>

  constructor(
    status: number,
    code: string,
    problems: Problem[] | string,
    { as = 'json', headers = {} }: Kind = {},
  ) {
    super(`${status} ${code}`)
    this.status = status
    this.code = code
    this.problems = typeof problems === 'string' ? [{ detail: problems }] : problems
    this.as = as
    this.headers = headers
  }

  answer(): Answer {
    const { code, status } = this
    const errors = this.problems.map((problem) => ({ code, status: String(status), ...problem }))
    return { status, body: { errors }, pretty: this.as === 'json', headers: this.headers }
  }
}

export class ValidationError extends PanelError {
  constructor(problems: Problem[]) {
    super(422, 'ValidationException', problems, { as: 'display' })
  }
}

const unexpectedText = 'An unexpected error was encountered while processing this request, please try again.'

export function unexpected(code: string) {
  return new PanelError(500, code, unexpectedText)
}

/** Losing a race at a unique key of the database. */
export function uniqueViolation() {
  return unexpected('UniqueConstraintViolationException')
}

/** Losing a race just before it, when the model is checked once more. */
export function cannotSave(model: 'Server' | 'User', reasons: Record<string, string[]>) {
  return new PanelError(
    500,
    'DataValidationException',
    `Could not save Pterodactyl\\Models\\${model}[]: failed to validate data: ${JSON.stringify(reasons)}`,
  )
}

export function display(detail: string, code = 'DisplayException') {
  return new PanelError(400, code, detail, { as: 'display' })
}

export function unauthenticated() {
  return new PanelError(401, 'AuthenticationException', 'Unauthenticated.', { as: 'display' })
}

export function accessDenied(detail = 'This action is unauthorized.') {
  return new PanelError(403, 'AccessDeniedHttpException', detail)
}

export function notFound(detail = 'The requested resource could not be found on the server.') {
  return new PanelError(404, 'NotFoundHttpException', detail)
}

/** For the row that a path names. */
export function missing(): never {
  throw notFound()
}

export function badRequest(detail: string) {
  return new PanelError(400, 'BadRequestHttpException', detail)
}

export function malformedJson() {
  return badRequest('The JSON data passed in the request appears to be malformed: Syntax error')
}

export function twoFactorRequired() {
  return new PanelError(
    400,
    'TwoFactorAuthRequiredException',
    'Two-factor authentication is required on this account in order to access this endpoint.',
  )
}

export function underMaintenance() {
  return new PanelError(503, 'HttpException', 'Service Unavailable')
}

export function tooManyAttempts({
  limit,
  retryAfter,
  reset,
}: {
  limit: number
  retryAfter: number
  reset: number
}) {
  return new PanelError(429, 'ThrottleRequestsException', 'Too Many Attempts.', {
    headers: {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': '0',
      'retry-after': String(retryAfter),
      'x-ratelimit-reset': String(reset),
    },
  })
}
