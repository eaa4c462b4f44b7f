/** An error as Stripe's API answers it; `status` is the HTTP status, the rest its `error` object. */
export class ApiError extends Error {
  readonly status: number
  readonly fields: ErrorFields

  constructor(status: number, message: string, fields: Partial<ErrorFields> = {}) {
    super(message)
    this.status = status
    this.fields = { type: 'invalid_request_error', ...fields }
  }
}

export type ErrorFields = {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  code?: string
  decline_code?: string
  param?: string
}

export function missing(kind: string, id: string) {
  return new ApiError(404, `No such ${kind}: '${id}'`, { code: 'resource_missing', param: 'id' })
}

/** An id that came as a parameter is the request's fault: 400, where one in the address is 404. */
export function missingParam(kind: string, id: string, param: string) {
  return new ApiError(400, `No such ${kind}: '${id}'`, { code: 'resource_missing', param })
}

export function invalidParam(message: string, param: string) {
  return new ApiError(400, message, { param })
}
