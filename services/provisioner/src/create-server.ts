import type { OrderState } from '@spawnpoint/contracts'
import { failpoint } from '@spawnpoint/service-kit'
import { allOrError } from './all-or-error.ts'
import { createServerBody } from './create-server-body.ts'
import { eggMissing } from './egg-missing.ts'
import { forgetUser } from './ensure-user.ts'
import { planWithoutSpec } from './find-plan-spec.ts'
import type { PrismaClient } from './generated/client.ts'
import { intend } from './intend.ts'
import { renewLease } from './lease.ts'
import { classifyError } from './panel/classify-error.ts'
import type { NewServer } from './panel/panel.ts'
import { PanelError } from './panel/panel-error.ts'
import type { PanelServer } from './panel/resources.ts'
import type { PanelTools } from './panels/panel-tools.ts'
import type { Panels } from './panels/panels.ts'
import { choosePlacement } from './placement/choose-placement.ts'
import type { Place } from './placement/claims.ts'
import { placeProspects } from './placement/place-prospects.ts'
import { needOf } from './plan-spec.ts'
import { mayStillLand, orderOf, type Server } from './server.ts'
import type { Wait } from './waiting-line/wait.ts'
import { type Waiting, waitInLine } from './waiting-line/wait-in-line.ts'

type Sent =
  | { outcome: 'created'; server: Server; found: PanelServer }
  /** It was sent, and this came back. */
  | { outcome: 'refused'; server: Server; error: PanelError }
  /** The order changed or the lease ended: nothing was sent. */
  | { outcome: 'lost' }

type Created =
  | Sent
  | Waiting
  /** Nothing was sent, and nothing of it is on this panel: its region has come to another one. */
  | { outcome: 'elsewhere'; panelId: string }

export type CreateServer = (server: Server, now: Date) => Promise<Created>

type Deps = PanelTools & {
  prisma: PrismaClient
  panels: Panels
  leaseMs: number
  /** How long a server waits for its place before a person has to see to it. */
  deadlineMs: number
}

/** Asks the panel for the server of an order, once everything that the panel needs for it is there. */
export function createCreateServer(deps: Deps): CreateServer {
  const { prisma, panel, ensureUser, findEgg, leaseMs } = deps

  return async function createServer(server, now) {
    const order = orderOf(server)
    const [isOurs, { home, spec, ...prospects }] = await Promise.all([
      // Looking may have taken long, and so may what follows.
      renewLease(prisma, server, leaseMs),
      placeProspects(prisma, order, panel.id),
    ])
    if (!isOurs) return { outcome: 'lost' }
    if (home !== panel.id && !mayStillLand(server, now)) return { outcome: 'elsewhere', panelId: home }
    if (!spec) return await waitInLine(deps, order, planWithoutSpec(order.plan, panel.id))
    const [placing, preparing] = await Promise.allSettled([
      choosePlacement(deps, { order, need: needOf(spec), ...prospects }),
      allOrError([findEgg(spec.ptero_egg_id), ensureUser(order.customer)]),
    ])
    const place = settled(placing)
    // Who has no place needs nothing else yet.
    if ('wait' in place) return await waitInLine(deps, order, place.wait)
    if (place.panelId !== panel.id) return await waitInLine(deps, order, regionMoved(order, place))
    const [egg, userId] = settled(preparing)
    if (!egg) return { outcome: 'failed', ...eggMissing(order.plan, spec.ptero_egg_id) }
    const body = createServerBody({ order, spec, egg, userId, place })
    const sent = await send(deps, server, body)
    return isUserGone(sent) ? await sendWithNewUser(deps, sent, order, body) : sent
  }
}

function settled<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === 'fulfilled') return result.value
  throw result.reason
}

async function send({ prisma, panel, view, leaseMs }: Deps, server: Server, body: NewServer): Promise<Sent> {
  const intended = await intend(prisma, server, { intent: 'create', leaseMs })
  if (!intended) return { outcome: 'lost' }
  failpoint('panel.before-create')
  try {
    const found = await panel.createServer(body)
    return { outcome: 'created', server: intended, found }
  } catch (error) {
    if (isPlaceTaken(error)) view.mistrust([body.allocation.default, ...(body.allocation.additional ?? [])])
    return refused(intended, error)
  }
}

type Refused = Extract<Sent, { outcome: 'refused' }>

function isUserGone(sent: Sent): sent is Refused {
  return sent.outcome === 'refused' && classifyError(sent.error).class === 'user_gone'
}

// Whom we remember, an administrator has deleted on the panel: made again, and asked once more at once.
async function sendWithNewUser(
  deps: Deps,
  { server }: Refused,
  order: OrderState,
  body: NewServer,
): Promise<Sent> {
  await forgetUser(deps.prisma, deps.panel, order.customer)
  try {
    return await send(deps, server, { ...body, user: await deps.ensureUser(order.customer) })
  } catch (error) {
    return refused(server, error)
  }
}

function refused(server: Server, error: unknown): Refused {
  if (error instanceof PanelError) return { outcome: 'refused', server, error }
  throw error
}

// The panel takes an external id only once, but no other panel knows of it.
function regionMoved({ region }: OrderState, { panelId }: Place): Wait {
  return {
    class: 'region_moved',
    message: `The region ${region} is on the panel ${panelId} by now; the server follows once no call to the panel before may still be carried out.`,
  }
}

function isPlaceTaken(error: unknown): boolean {
  return error instanceof PanelError && classifyError(error).class === 'allocation_taken'
}
