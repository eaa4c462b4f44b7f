import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import type { Sharing } from '../rules/sharing.ts'
import { createEnsureUser } from './ensure-user.ts'
import { createNodeGates } from './node-gates.ts'
import { createPanelView } from './panel-view.ts'
import { createPollServer } from './poll-server.ts'

export type PanelTools = ReturnType<typeof createPanelTools>

/** One panel with what we remember of it. Ids are the panel's own: node 2 of one is not node 2 of another. */
export function createPanelTools({
  prisma,
  panel,
  url,
  timeScale,
  viewMaxAgeMs,
  sharing,
}: {
  prisma: PrismaClient
  panel: Panel
  url: string
  timeScale: number
  viewMaxAgeMs: number
  sharing: Sharing
}) {
  return {
    panel,
    sharing,
    view: createPanelView({ prisma, panel, url, timeScale, maxAgeMs: viewMaxAgeMs }),
    ensureUser: createEnsureUser({ prisma, panel, sharing, timeScale }),
    gates: createNodeGates({ timeScale }),
    installs: createPollServer(panel, { timeScale }),
  }
}
