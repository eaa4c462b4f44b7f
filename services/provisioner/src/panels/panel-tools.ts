import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { Sharing } from '../rules/sharing.ts'
import { createEnsureUser } from './ensure-user.ts'
import { createFindEgg } from './find-egg.ts'
import { createPanelCache } from './panel-cache.ts'
import { createPollServer } from './poll-server.ts'

export type PanelTools = ReturnType<typeof createPanelTools>

/** One panel with what we remember of it. Ids are the panel's own: node 2 of one is not node 2 of another. */
export function createPanelTools({
  prisma,
  panel,
  timeScale,
  sharing,
}: {
  prisma: PrismaClient
  panel: Panel
  timeScale: number
  sharing: Sharing
}) {
  return {
    panel,
    cache: createPanelCache({ prisma, panel, ttlMs: 3_000 * timeScale, quarantineMs: 60_000 * timeScale }),
    findEgg: createFindEgg({ panel, ttlMs: 30_000 * timeScale }),
    ensureUser: createEnsureUser({ prisma, panel, sharing }),
    pollServer: createPollServer(panel),
  }
}
