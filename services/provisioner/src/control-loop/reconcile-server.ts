import { PanelError } from '../panel-types/panel-error.ts'
import { isOursByNumber, type NextStep, nextStep, type Observed, type Policy } from '../rules/next-step.ts'
import type { Server } from '../rules/server.ts'
import type { Sharing } from '../rules/sharing.ts'
import { panelFailed } from '../rules/transitions.ts'
import { recordServer } from '../store/server-changes.ts'
import { otherOrderOf } from '../store/servers.ts'
import { checkOwner } from './check-owner.ts'
import { sayingAwaited } from './saying-awaited.ts'
import { panelFailure, type StepResult } from './step-result.ts'
import { type StepDeps, takeStep } from './take-step.ts'

export type ReconcileServer = ReturnType<typeof createReconcileServer>

type Deps = StepDeps & { policy: Policy; sharing: Sharing }

/** Observes one server on the panel, takes the next step towards what its order wants, and records the result, until there is nothing to do at once. */
export function createReconcileServer(deps: Deps) {
  return async function reconcileServer(server: Server, now: Date): Promise<void> {
    let current: Server | null = server
    let last: NextStep['step'] | null = null
    while (current) {
      const { step, result } = await observeAndStep(deps, current, { last, now })
      last = step
      current = result && (await record(deps, result))
    }
  }
}

type Taken = { step: NextStep['step'] | null; result: StepResult | null }

async function observeAndStep(
  deps: Deps,
  server: Server,
  { last, now }: { last: NextStep['step'] | null; now: Date },
): Promise<Taken> {
  const { timeScale, policy } = deps
  try {
    const observed = await sayingAwaited(deps, server, { step: null, nodeId: null }, () =>
      observe(deps, server, last),
    )
    const next = nextStep({ server, observed, now, timeScale, policy })
    const unowned = last === null ? await checkOwner(deps, server, next) : null
    if (unowned) return { step: null, result: { server, change: unowned } }
    if (next.step !== last) return { step: next.step, result: await takeAloud(deps, server, next, now) }
    return {
      step: last,
      result: { server, change: panelFailed(server, notShown(last), { retryAfterMs: 0 }) },
    }
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return {
      step: last,
      result: await panelFailure(deps, server, { error, inDoubtBefore: server.unknown_until, now }),
    }
  }
}

function takeAloud(deps: Deps, server: Server, next: NextStep, now: Date): Promise<StepResult | null> {
  const nodeId = 'found' in next && next.found ? next.found.node : null
  return sayingAwaited(deps, server, { step: next.step, nodeId }, () => takeStep(deps, server, next, now))
}

/** The server again where the next step is due at once. */
async function record(deps: Deps, { server, change, afterwards }: StepResult): Promise<Server | null> {
  if (!change) return server
  const saved = await recordServer(deps, server, change)
  await afterwards?.(saved)
  return change.due === 'keep' ? saved : null
}

async function observe(deps: Deps, server: Server, last: NextStep['step'] | null): Promise<Observed> {
  if (isNew(server)) return { found: null }
  const isPoll = server.status === 'provisioning' && (last === null || last === 'create')
  const polled = isPoll ? await deps.installs.poll(server.order_id) : null
  return polled && isOursByNumber(server, polled) ? { found: polled } : await readFromPanel(deps, server)
}

// No create was ever sent for it. Were it there all the same, the panel refuses a second server of the order, and it is observed then.
function isNew({ desired, generation, attempts, ptero_server_id }: Server): boolean {
  return desired === 'running' && generation === 0 && attempts === 0 && ptero_server_id === null
}

async function readFromPanel({ panel, prisma }: Deps, server: Server): Promise<Observed> {
  const { order_id, ptero_server_id } = server
  const found = await panel.serverOfOrder(order_id)
  if (found && isOursByNumber(server, found)) return { found }
  // Its external id may have been changed by hand, or given to another server: then it is still there.
  const known = ptero_server_id === null ? null : await panel.server(ptero_server_id)
  if (known && isOursByNumber(server, known)) return { found: known }
  return {
    found,
    orderOfFound: found && (await otherOrderOf(prisma, { ...found, order_id, panel_id: panel.id })),
  }
}

function notShown(step: NextStep['step']) {
  return { class: 'not_shown', message: `The panel accepted ${step}, and does not show it yet` }
}
