/** What a route answers, before it is HTTP. */
export type Answer = {
  status: number
  /** Left out: no content. */
  body?: unknown
  pretty?: boolean
  headers?: Record<string, string>
}
