import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import { createEnsureUser } from './ensure-user.ts'
import { createFindEgg } from './find-egg.ts'
import { createPanelView } from './panel-view.ts'
import { createPollServer } from './poll-server.ts'

export type PanelTools = ReturnType<typeof createPanelTools>

/** One panel with what we remember of it. Ids are the panel's own: node 2 of one is not node 2 of another. */
export function createPanelTools({
  prisma,
  panel,
  timeScale,
}: {
  prisma: PrismaClient
  panel: Panel
  timeScale: number
}) {
  return {
    panel,
    view: createPanelView({ prisma, panel, keepMs: 3_000 * timeScale, mistrustMs: 60_000 * timeScale }),
    findEgg: createFindEgg({ panel, keepMs: 30_000 * timeScale }),
    ensureUser: createEnsureUser({ prisma, panel }),
    pollServer: createPollServer(panel),
  }
}
