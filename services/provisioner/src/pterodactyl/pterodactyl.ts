import { z } from '@hono/zod-openapi'
import type { Panel } from '../panel-types/panel.ts'
import { checkRights } from './check-rights.ts'
import { eggCalls } from './egg-calls.ts'
import { nodeCalls } from './node-calls.ts'
import { createPanelClient } from './panel-client.ts'
import { page } from './resources.ts'
import { serverCalls } from './server-calls.ts'
import { userCalls } from './user-calls.ts'

/** A Pterodactyl panel (1.11 and newer) by its Application API. */
export function createPterodactyl(
  options: Parameters<typeof createPanelClient>[0] & { panel: string },
): Panel {
  const client = createPanelClient(options)
  return {
    ...client,
    id: options.panel,
    // What a Pelican panel does not have.
    probe: async () => void (await client.call('/nests?per_page=1', page(z.unknown()))),
    checkRights: () => checkRights(client, options.panel),
    ...serverCalls(client),
    ...userCalls(client),
    ...nodeCalls(client),
    ...eggCalls(client),
  }
}
