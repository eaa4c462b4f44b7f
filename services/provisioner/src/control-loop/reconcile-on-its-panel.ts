import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { moved } from '../rules/transitions.ts'
import { panelOfRegion } from '../store/regions.ts'
import { recordServer } from '../store/server-changes.ts'
import { keepingLease } from './keep-lease.ts'
import type { ReconcileServer } from './reconcile-server.ts'
import { panelFailure } from './step-result.ts'

type Deps = {
  prisma: PrismaClient
  panels: Panels
  timeScale: number
  leaseMs: number
  log: Logger
  /** Reconciles the servers of one panel. */
  reconcilerFor: (tools: PanelTools) => ReconcileServer
}

/** Reconciles a server with the tools of its panel; before any create was sent it moves to the panel of its region first. */
export function createReconcileOnItsPanel({ reconcilerFor, ...deps }: Deps): ReconcileServer {
  const { prisma, panels } = deps
  const reconcilers = new WeakMap<PanelTools, ReconcileServer>()

  async function findReconciler(panelId: string): Promise<ReconcileServer> {
    const tools = await panels.get(panelId)
    const reconciler = reconcilers.get(tools) ?? reconcilerFor(tools)
    reconcilers.set(tools, reconciler)
    return reconciler
  }

  return async function reconcileServer(server: Server, now: Date): Promise<void> {
    const home = mayHaveMoved(server) ? await panelOfRegion(prisma, orderOf(server).region) : server.panel_id
    if (home !== server.panel_id) return void (await recordServer(deps, server, moved(home)))
    try {
      const reconcile = await findReconciler(home)
      await keepingLease(deps, server, () => reconcile(server, now))
    } catch (error) {
      if (!(error instanceof PanelError)) throw error
      const failure = await panelFailure(deps, server, { error, inDoubtBefore: server.unknown_until, now })
      await recordServer(deps, failure.server, failure.change)
    }
  }
}

/** Its first panel is that of its region when the order was consumed. An unavailable panel must not hold a server that it was never asked for. */
function mayHaveMoved({ desired, generation, ptero_server_id, attempts, status }: Server): boolean {
  if (desired !== 'running' || generation > 0 || ptero_server_id !== null) return false
  return attempts > 0 || status !== 'none'
}
