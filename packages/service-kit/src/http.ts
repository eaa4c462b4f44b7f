import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { requireApiKey } from './api-keys.ts'
import { addHealth, type Health } from './health.ts'
import type { Logger } from './logger.ts'
import { answerProblem, Problem } from './problem.ts'

declare module 'hono' {
  interface ContextVariableMap {
    requestId: string
    apiKey: string
  }
}

export type HttpOptions = Health & {
  apiKeys: Map<string, string>
  /** Paths without an API key, beside health and OpenAPI. */
  openPaths?: string[]
  maxBodyBytes?: number
  log: Logger
}

const alwaysOpen = ['/livez', '/readyz', '/health', '/api/health', '/openapi.json']

/** A service's HTTP side: request ids, problem documents, API keys, body limit, health and OpenAPI; the routes are the service's. */
export function createHttp({
  openPaths = [],
  maxBodyBytes = 64 * 1024,
  ...options
}: HttpOptions): OpenAPIHono {
  const { service, version, apiKeys, log } = options
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return
      const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
      throw new Problem(422, 'invalid_request', 'The request does not fit: see errors.', { errors })
    },
  })
  app.use(async (c, next) => {
    const asked = c.req.header('x-request-id')
    c.set('requestId', asked && /^[\w.-]{1,64}$/.test(asked) ? asked : randomUUID())
    c.header('x-request-id', c.get('requestId'))
    await next()
  })
  app.use(requireApiKey(apiKeys, [...alwaysOpen, ...openPaths]))
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new Problem(413, 'body_too_large', `The body may have ${maxBodyBytes} bytes at most.`)
      },
    }),
  )
  app.notFound((c) =>
    answerProblem(
      c,
      new Problem(
        404,
        'route_not_found',
        `There is no ${c.req.method} ${c.req.path} here; see /openapi.json.`,
      ),
    ),
  )
  app.onError((error, c) => {
    if (error instanceof Problem) return answerProblem(c, error)
    if (error instanceof HTTPException)
      return answerProblem(c, new Problem(error.status as 400, 'malformed_request', error.message))
    log.error({ err: error, requestId: c.get('requestId'), path: c.req.path }, 'Request failed')
    return answerProblem(
      c,
      new Problem(
        503,
        'temporarily_unavailable',
        'This did not work just now and nothing was lost: try again.',
        {
          retryAfterSeconds: 2,
        },
      ),
    )
  })
  addHealth(app, options)
  app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: `Spawnpoint ${service}`, version } })
  return app
}
