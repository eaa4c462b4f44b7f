import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { Counter, Registry } from 'prom-client'

const registry = new Registry()

/** A count of this process since its start, shown by `GET /metrics`. `name` as Prometheus wants it: `spawnpoint_panel_calls_total`. */
export function counter<Label extends string>(of: {
  name: string
  help: string
  labelNames: readonly Label[]
}): Counter<Label> {
  return new Counter({ ...of, registers: [registry] })
}

const show = createRoute({
  method: 'get',
  path: '/metrics',
  responses: {
    200: {
      description: "What this process counted since its start, in Prometheus' text format",
      content: { 'text/plain': { schema: z.string() } },
    },
  },
})

export function addMetrics(app: OpenAPIHono): void {
  app.openapi(show, async (c) =>
    c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}
