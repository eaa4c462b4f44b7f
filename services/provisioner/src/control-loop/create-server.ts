import type { OrderState } from '@spawnpoint/contracts'
import { failpoint } from '@spawnpoint/service-kit'
import { choosePlacement } from '../capacity/choose-placement.ts'
import { enqueue, type Waiting } from '../capacity/provisioning-queue.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { NewServer } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { forgetUser, isKnownOwner, UserHeld } from '../panels/ensure-user.ts'
import { nodeBusy } from '../panels/node-gates.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { classifyError, isOtherKind } from '../pterodactyl/classify-error.ts'
import { builtByCreate, withoutChanged } from '../rules/last-applied.ts'
import { needOf } from '../rules/plan-spec.ts'
import type { Placement } from '../rules/reservations.ts'
import { isInDoubt, orderOf, type Server } from '../rules/server.ts'
import { createServerBody } from '../rules/server-body.ts'
import { eggMissing, planWithoutSpec, type Wait, whyUnfit } from '../rules/waiting-reasons.ts'
import { recordIntent } from '../store/intents.ts'
import { renewLease } from '../store/leases.ts'
import { readPlacementInputs } from '../store/placement-inputs.ts'
import { settleSpec } from './settle-spec.ts'

type Sent =
  /** `built_state`: as which order it was made, without what is not right yet. */
  | { outcome: 'created'; server: Server; found: PanelServer; built_state: string | null }
  /** The create was sent and failed. */
  | { outcome: 'refused'; server: Server; error: PanelError }
  /** The order changed or the lease ended: nothing was sent. */
  | { outcome: 'lost' }

type Created =
  | Sent
  /** Nothing was sent: its node is busy. */
  | { outcome: 'delayed'; class: string; message: string }
  | Waiting
  /** Nothing was sent, and nothing of it is on this panel: its region moved to another one. */
  | { outcome: 'elsewhere'; panelId: string }

export type CreateServer = (server: Server, now: Date) => Promise<Created>

type Deps = PanelTools & {
  prisma: PrismaClient
  panels: Panels
  leaseMs: number
  doubtMs: number
  /** How long a server stays queued before a person has to see to it. */
  deadlineMs: number
}

/** Creates the server of an order on the panel, once everything that the panel needs for it is there. */
export function createCreateServer(deps: Deps): CreateServer {
  const { prisma, panel, ensureUser, view, leaseMs } = deps

  return async function createServer(server, now) {
    const order = orderOf(server)
    const [isOurs, { home, spec, ...prospects }] = await Promise.all([
      // Observing may have taken long, and so may what follows.
      renewLease(prisma, server, leaseMs),
      readPlacementInputs(prisma, order, panel.id),
    ])
    if (!isOurs) return { outcome: 'lost' }
    const failure = panel.lastFailure()
    if (failure && isOtherKind(failure)) throw failure
    if (home !== panel.id && !isInDoubt(server, now)) return { outcome: 'elsewhere', panelId: home }
    if (!spec) return await enqueue(deps, order, planWithoutSpec(order.plan, panel.id))
    const [placing, preparing] = await Promise.allSettled([
      choosePlacement(deps, { order, need: needOf(spec), ...prospects }),
      allOrError([view.egg(spec.ptero_egg_id), ensureUser(order.customer)]),
    ])
    const placement = settled(placing)
    // Without a placement nothing else is needed yet.
    if ('wait' in placement) return await enqueue(deps, order, placement.wait)
    if (placement.panelId !== panel.id) return await enqueue(deps, order, regionMoved(order, placement))
    if (preparing.status === 'rejected' && preparing.reason instanceof UserHeld)
      return { outcome: 'failed', ...preparing.reason.reason }
    const [egg, userId] = settled(preparing)
    if (!egg) return { outcome: 'failed', ...eggMissing(order.plan, spec.ptero_egg_id) }
    const unfit = whyUnfit(egg, spec, order)
    if (unfit) return { outcome: 'failed', ...unfit }
    const settledSpec = await settleSpec(prisma, { order, spec, egg, found: null })
    if ('problem' in settledSpec) return { outcome: 'failed', ...settledSpec.problem }
    const body = createServerBody({ order, spec: settledSpec.spec, egg, userId, place: placement })
    const built_state = builtByCreate(server, isInDoubt(server, now))
    const sent = await sendToNode(deps, server, { body, built_state }, placement)
    if (sent.outcome === 'created') return await withOwner(deps, sent, order)
    if (sent.outcome !== 'refused') return sent
    noteRefusal(deps, sent, body, placement)
    return isUserGone(sent) ? await sendWithNewUser(deps, sent, order, { body, built_state }) : sent
  }
}

function settled<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'fulfilled') return result.value
  throw result.reason
}

// Another owner is replaced before the server is published as provisioned.
async function withOwner(deps: Deps, created: SentCreate, { customer }: OrderState): Promise<SentCreate> {
  const owner = created.found.relationships?.user
  if (!owner || (await isKnownOwner(deps, owner, customer))) return created
  const { order_state } = created.server
  return { ...created, built_state: withoutChanged({ built_state: order_state }, ['owner']) }
}

/** `built_state`: what is known of the server should the create not be answered. */
type Create = { body: NewServer; built_state: string }
type SentCreate = Extract<Sent, { outcome: 'created' }>

async function sendToNode(
  deps: Deps,
  server: Server,
  create: Create,
  { nodeId }: Placement,
): Promise<Sent | Extract<Created, { outcome: 'delayed' }>> {
  const leave = await deps.gates.enter(nodeId)
  if (!leave) return { outcome: 'delayed', ...nodeBusy(nodeId, deps.gates.isLate(nodeId)) }
  let sent: Sent | undefined
  try {
    sent = await send(deps, server, create)
    return sent
  } finally {
    leave(sent?.outcome === 'refused' ? sent.error : undefined)
  }
}

async function send(
  { prisma, panel, leaseMs, doubtMs }: Deps,
  server: Server,
  { body, built_state }: Create,
): Promise<Sent> {
  const intended = await recordIntent(prisma, server, { intent: 'create', leaseMs, doubtMs, built_state })
  if (!intended) return { outcome: 'lost' }
  failpoint('panel.before-create')
  try {
    const found = await panel.createServer(body)
    return { outcome: 'created', server: intended, found, built_state: intended.order_state }
  } catch (error) {
    return refused(intended, error)
  }
}

type Refused = Extract<Sent, { outcome: 'refused' }>

function isUserGone({ error }: Refused): boolean {
  return classifyError(error).class === 'user_gone'
}

// An administrator deleted the stored user on the panel: it is created again, and the create is retried at once.
async function sendWithNewUser(
  deps: Deps,
  { server }: Refused,
  order: OrderState,
  { body, built_state }: Create,
): Promise<Sent> {
  await forgetUser(deps.prisma, deps.panel, order.customer)
  try {
    const user = await deps.ensureUser(order.customer)
    return await send(deps, server, { body: { ...body, user }, built_state })
  } catch (error) {
    return refused(server, error)
  }
}

function refused(server: Server, error: unknown): Refused {
  if (error instanceof PanelError) return { outcome: 'refused', server, error }
  throw error
}

// A panel takes an external id only once, but panels do not know of each other.
function regionMoved({ region }: OrderState, { panelId }: Placement): Wait {
  return {
    class: 'region_moved',
    message: `The region ${region} is on the panel ${panelId} by now; the server follows once no call to the panel before may still be carried out.`,
  }
}

// The panel is not as it last showed itself.
function noteRefusal({ view }: Deps, { error }: Refused, body: NewServer, { nodeId }: Placement): void {
  const { class: name, kind } = classifyError(error)
  if (name === 'allocation_taken')
    view.quarantine(nodeId, [body.allocation.default, ...(body.allocation.additional ?? [])])
  else if (kind === 'permanent') view.eggRefused(body.egg)
}

/** Like Promise.all, but an error is thrown only once all have ended: nothing works on a server whose lease was released. */
async function allOrError<T extends unknown[]>(work: [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
