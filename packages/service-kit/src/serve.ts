import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'

export type Serving = { port: number; stop(): Promise<void> }

/** Listens on all interfaces; `stop` takes no new requests and waits for those under way. */
export async function serveHttp(app: OpenAPIHono, port: number): Promise<Serving> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => resolve())
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The HTTP server has no address')
  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}
