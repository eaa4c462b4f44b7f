import { createAdaptorServer } from '@hono/node-server'

type App = Parameters<typeof createAdaptorServer>[0]['fetch']

/** Serves until closed; closing cuts the calls that still hang. */
export async function listen(fetch: App, { port, host }: { port: number; host: string }) {
  const server = createAdaptorServer({ fetch })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the simulator listens on no port')
  return {
    port: address.port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
