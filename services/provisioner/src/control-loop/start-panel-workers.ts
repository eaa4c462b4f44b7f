import type { Logger } from '@spawnpoint/service-kit'
import { startServingLines } from '../capacity/provisioning-queue.ts'
import { startSweeping } from '../drift/sweep-drifts.ts'
import type { PrismaClient } from '../generated/client.ts'
import { greetPanel } from '../panels/panel-health.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import type { Policy } from '../rules/next-step.ts'
import { createCreateServer } from './create-server.ts'
import { type Lane, type Lanes, startLanes } from './panel-workers.ts'
import { startReconciling } from './reconcile-due-servers.ts'
import { createReconcileOnItsPanel } from './reconcile-on-its-panel.ts'
import { createReconcileServer, type ReconcileServer } from './reconcile-server.ts'
import { createRenameServer } from './rename-server.ts'
import { createResizeServer } from './resize-server.ts'

type Deps = {
  prisma: PrismaClient
  panels: Panels
  policy: Policy
  timeScale: number
  leaseMs: number
  deadlineMs: number
  sweepMs: number
  wakeRelay: () => void
  log: Logger
}

/** Drives servers, serves who waits, greets and sweeps: for each panel by itself. */
export function drivePanels(deps: Deps): Lanes {
  const { panels, log } = deps
  const wakeReconciler = () => lanes.wakeReconcilers()
  const reconcilerFor = (tools: PanelTools): ReconcileServer => {
    const wakeWaiting = () => {
      tools.view.forget()
      lanes.wakeLines(tools.panel.id)
    }
    const parts = { ...deps, ...tools, wakeWaiting }
    return createReconcileServer({
      ...parts,
      createServer: createCreateServer(parts),
      resizeServer: createResizeServer(parts),
      renameServer: createRenameServer(parts),
    })
  }
  const reconcileServer = createReconcileOnItsPanel({ ...deps, reconcilerFor })
  const open = (panelId: string): Lane => ({
    reconciler: startReconciling({ ...deps, panelId, reconcileServer }),
    line: startServingLines({ ...deps, panelId, wakeReconciler }),
    others: [
      greetPanel({ panels, panelId, log }),
      startSweeping({ ...deps, panelId, wakeReconciler, intervalMs: deps.sweepMs }),
    ],
  })
  const lanes = startLanes({ ...deps, open })
  return lanes
}
