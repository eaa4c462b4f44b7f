import { startServingLines } from '../capacity/start-draining-queues.ts'
import { startSweeping } from '../drift/start-drift-sweeps.ts'
import type { Env } from '../env.ts'
import { greetPanel } from '../panels/greet-panel.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Policy } from '../rules/next-step.ts'
import type { Shared } from '../shared-parts.ts'
import { createDriver } from './create-reconciler.ts'
import { type Lane, type Lanes, startLanes } from './panel-workers.ts'
import { startReconciling } from './reconcile-due-servers.ts'
import { createDriveOnItsPanel } from './reconcile-on-its-panel.ts'

/** Drives servers, serves who waits, greets and sweeps: for each panel by itself. */
export function drivePanels(shared: Shared, { env, wakeRelay }: { env: Env; wakeRelay: () => void }): Lanes {
  const { panels, log } = shared
  const wakeReconciler = () => lanes.wakeReconcilers()
  const driveServer = createDriveOnItsPanel({
    ...shared,
    driverFor: (tools: PanelTools) =>
      createDriver({
        ...shared,
        ...tools,
        wakeWaiting: () => {
          tools.view.forget()
          lanes.wakeLines(tools.panel.id)
        },
        policy: policyOf(env),
      }),
  })
  const open = (panelId: string): Lane => ({
    reconciler: startReconciling({ ...shared, panelId, driveServer, wakeRelay }),
    line: startServingLines({ ...shared, panelId, wakeReconciler }),
    others: [
      greetPanel({ panels, panelId, log }),
      startSweeping({ ...shared, panelId, wakeReconciler, intervalMs: sweepMsOf(env) }),
    ],
  })
  const lanes = startLanes({ ...shared, open })
  return lanes
}

function policyOf({ INSTALL_TRIES, FORCE_DELETE_AFTER_HOURS: hours }: Env): Policy {
  return {
    mostReinstalls: INSTALL_TRIES - 1,
    forceDeleteAfterMs: hours === undefined ? null : hours * 3_600_000,
  }
}

function sweepMsOf({ DRIFT_SWEEP_MINUTES, TIME_SCALE }: Env): number {
  return DRIFT_SWEEP_MINUTES * 60_000 * TIME_SCALE
}
