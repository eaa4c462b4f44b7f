import type { Build, NewServer, Panel } from '../panel-types/panel.ts'
import { isOfNode, PanelError } from '../panel-types/panel-error.ts'
import type { PanelClient } from '../pterodactyl/panel-client.ts'
import { serverCalls } from '../pterodactyl/server-calls.ts'

/** What Pelican does otherwise than Pterodactyl when a node does not do its part. */
export function pelicanServerCalls(client: PanelClient) {
  const calls = serverCalls(client, withOomKiller)
  const { createServer, suspend, unsuspend, deleteServer, serverOfOrder } = calls

  // The row of a server that its node refused stays, and its install never ends. Source: `ServerCreationService.php`, which
  // catches only the error for no answer at all.
  async function removeRefused(orderId: string): Promise<void> {
    const refused = await serverOfOrder(orderId)
    if (refused?.status === 'installing') await deleteServer(refused.id, { force: true })
  }

  return {
    ...calls,
    async createServer(server) {
      try {
        return await createServer(server)
      } catch (error) {
        if (isRefusal(error)) await removeRefused(server.external_id)
        throw error
      }
    },
    suspend: (id) =>
      orBack(
        () => suspend(id),
        () => unsuspend(id),
      ),
    unsuspend: (id) =>
      orBack(
        () => unsuspend(id),
        () => suspend(id),
      ),
  } satisfies Partial<Panel>
}

/**
 * Pelican writes the new status before it tells the node, and keeps it where the node does not answer: asked again it would do nothing,
 * and the server would run on. So it is taken back, as Pterodactyl does by itself. Source: `SuspensionService.php`.
 */
async function orBack(send: () => Promise<void>, takeBack: () => Promise<void>): Promise<void> {
  try {
    await send()
  } catch (error) {
    if (error instanceof PanelError && isOfNode(error)) await takeBack().catch(onlyOfNode)
    throw error
  }
}

// The node is not told of that either, but the panel has written it.
function onlyOfNode(error: unknown): void {
  if (!(error instanceof PanelError && isOfNode(error))) throw error
}

// Source: `StoreServerRequest.php`, `UpdateServerBuildConfigurationRequest.php`: `oom_disabled` is not read.
function withOomKiller<Body extends NewServer | Build>({ oom_disabled, ...body }: Body) {
  return { ...body, oom_killer: !oom_disabled }
}

/** The node answered, and did not do it. */
function isRefusal(error: unknown): boolean {
  return error instanceof PanelError && error.code === 'RequestException'
}
