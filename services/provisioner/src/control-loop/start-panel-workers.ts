import type { Logger } from '@spawnpoint/service-kit'
import { startDrainingQueues } from '../capacity/provisioning-queue.ts'
import { startSweeping } from '../drift/sweep-drifts.ts'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { startProbingPanel } from '../panels/panel-health.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { startRefreshingView } from '../panels/refresh-view.ts'
import type { Policy } from '../rules/next-step.ts'
import { makeInstalledDue } from '../store/servers.ts'
import { createCreateServer } from './create-server.ts'
import { type PanelWorkers, startPanelWorkers, type Worker } from './panel-workers.ts'
import { type Admitted, startReconciling } from './reconcile-due-servers.ts'
import { createReconcileOnItsPanel } from './reconcile-on-its-panel.ts'
import { createReconcileServer, type ReconcileServer } from './reconcile-server.ts'
import { createRenameServer } from './rename-server.ts'
import { createResizeServer } from './resize-server.ts'
import { startSayingBusy } from './saying-awaited.ts'

type Deps = {
  prisma: PrismaClient
  panels: Panels
  policy: Policy
  timeScale: number
  leaseMs: number
  doubtMs: number
  deadlineMs: number
  sweepMs: number
  wakeRelay: () => void
  log: Logger
}

/** Per panel: reconciles servers, drains the queue, probes the panel and sweeps for drift. */
export function createPanelWorkers(deps: Deps): PanelWorkers {
  const { panels, log } = deps
  const wakeReconciler = () => workers.wakeReconcilers()
  const reconcilerFor = (tools: PanelTools): ReconcileServer => {
    const parts = { ...deps, ...tools }
    tools.installs.whenInstalled((orderIds) => {
      makeInstalledDue(deps.prisma, orderIds).then(wakeReconciler, (error) =>
        log.warn({ err: error }, 'Making installed servers due failed; they are polled later'),
      )
    })
    return createReconcileServer({
      ...parts,
      createServer: createCreateServer(parts),
      resizeServer: createResizeServer(parts),
      renameServer: createRenameServer(parts),
    })
  }
  const reconcileServer = createReconcileOnItsPanel({ ...deps, reconcilerFor })
  const open = (panelId: string): Worker => ({
    reconciler: startReconciling({
      ...deps,
      panelId,
      reconcileServer,
      admitted: () => admittedBy(panels, panelId),
    }),
    queue: startDrainingQueues({ ...deps, panelId, wakeReconciler }),
    others: [
      startProbingPanel({ panels, panelId, log }),
      startRefreshingView({ ...deps, panelId, onRefreshed: () => workers.wakeQueues(panelId) }),
      startSayingBusy({ ...deps, panelId }),
      startSweeping({ ...deps, panelId, wakeReconciler, intervalMs: deps.sweepMs }),
    ],
  })
  const workers = startPanelWorkers({ ...deps, open })
  return workers
}

async function admittedBy(panels: Panels, panelId: string): Promise<Admitted> {
  try {
    const { panel, gates } = await panels.get(panelId)
    return { ...panel.available(), busyNodes: gates.busy() }
  } catch (error) {
    // Its servers say so themselves.
    if (error instanceof PanelError) return { calls: 2, left: 2, inMs: 0, busyNodes: [] }
    throw error
  }
}
