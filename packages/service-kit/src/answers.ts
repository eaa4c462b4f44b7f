import type { z } from '@hono/zod-openapi'
import { problemSchema } from './problem.ts'

/** What a route answers, for OpenAPI: JSON of this schema. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** What a route answers, for OpenAPI: a problem document. */
export function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } }
}

/** What a route takes, for OpenAPI: JSON of this schema, and not nothing. */
export function body<Schema extends z.ZodType>(schema: Schema, description = 'As JSON') {
  return { required: true, ...json(schema, description) }
}
