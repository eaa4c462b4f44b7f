import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PollServer } from '../panels/poll-server.ts'
import { isOursByNumber, type NextStep, nextStep, type Observed, type Policy } from '../rules/next-step.ts'
import type { Server } from '../rules/server.ts'
import { troubled } from '../rules/transitions.ts'
import { recordServer } from '../store/server-changes.ts'
import { recordTrouble } from './record-panel-error.ts'
import { type Deps as ActDeps, act } from './take-step.ts'

export type DriveServer = ReturnType<typeof createDriveServer>

type Deps = ActDeps & { policy: Policy; pollServer: PollServer }

/** Looks at one server on the panel, does the next step towards what its order wants, and writes down what came of it. */
export function createDriveServer(deps: Deps) {
  return async function driveServer(server: Server, now: Date): Promise<void> {
    let current: Taken = { server, step: null }
    while (current.server) current = await takeStep(deps, current.server, { last: current.step, now })
  }
}

/** The server again where it is to be looked at again at once, and what was done for it. */
type Taken = { server: Server | null; step: NextStep['step'] | null }

async function takeStep(
  deps: Deps,
  server: Server,
  { last, now }: { last: NextStep['step'] | null; now: Date },
): Promise<Taken> {
  const { timeScale, policy } = deps
  try {
    const isPoll = last === null && server.status === 'provisioning'
    const polled = isPoll ? await deps.pollServer(server.order_id) : null
    const observed = polled ? { found: polled } : await observe(deps.panel, server)
    const next = nextStep({ server, observed, now, timeScale, policy })
    if (next.step === last) {
      await recordServer(deps, server, troubled(server, notShown(last), { retryAfterMs: 0 }))
      return { server: null, step: last }
    }
    return { server: await act(deps, server, next, now), step: next.step }
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    await recordTrouble(deps, server, { error, unknownBefore: server.unknown_until, now })
    return { server: null, step: last }
  }
}

async function observe(panel: Panel, server: Server): Promise<Observed> {
  const found = await panel.serverOfOrder(server.order_id)
  if (found || server.ptero_server_id === null) return { found }
  // Somebody may have changed its external id by hand: then it is still there.
  const known = await panel.server(server.ptero_server_id)
  return { found: known && isOursByNumber(server, known) ? known : null }
}

function notShown(step: NextStep['step']) {
  return { class: 'not_shown', message: `The panel said yes to ${step}, and does not show it yet` }
}
