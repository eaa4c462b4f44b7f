import type { OpenAPIHono } from '@hono/zod-openapi'
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

/** `GET /metrics` in Prometheus' text format. */
export function addMetrics(app: OpenAPIHono): void {
  app.get('/metrics', async (c) =>
    c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  )
}
