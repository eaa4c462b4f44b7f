import type { ApiKey, Resource } from '../keys.ts'
import type { User } from '../tables/rows.ts'
import type { Input } from '../validation/input.ts'
import type { Answer } from './answer-parts.ts'

export type Call = {
  /** Of the panel itself, as its links have it. */
  origin: string
  path: string
  query: URLSearchParams
  /** Fields of the body, trimmed; nothing unless it was sent as JSON. */
  body: Input
  key: ApiKey
  user: User
}

export type Params = Record<string, string>

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

export type Route = {
  method: Method
  pattern: string
  /** What the key must be allowed. Looked at after the row in the path was found: a missing one is 404 for everybody. */
  needs: [resource: Resource, wanted: 'read' | 'write']
  /** Finds what the path names, or throws; then the call can be answered. */
  open: (params: Params) => (call: Call) => Answer | Promise<Answer>
}

/** A route whose path names rows, such as `servers/:server`. */
export function boundRoute<Bound>(
  method: Method,
  pattern: string,
  needs: Route['needs'],
  bind: (params: Params) => Bound,
  handle: (call: Call, bound: Bound) => Answer | Promise<Answer>,
): Route {
  return {
    method,
    pattern,
    needs,
    open: (params) => {
      const bound = bind(params)
      return (call) => handle(call, bound)
    },
  }
}

export function route(
  method: Method,
  pattern: string,
  needs: Route['needs'],
  handle: (call: Call, params: Params) => Answer | Promise<Answer>,
): Route {
  return { method, pattern, needs, open: (params) => (call) => handle(call, params) }
}
