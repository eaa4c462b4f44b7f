import type { OrderState } from '@spawnpoint/contracts'
import { step } from '@spawnpoint/service-kit'
import { allOrError } from './all-or-error.ts'
import { choosePlacement } from './choose-placement.ts'
import { type CreateBody, createServerBody } from './create-server-body.ts'
import { type EnsureUser, forgetUser } from './ensure-user.ts'
import type { FindEgg } from './find-egg.ts'
import type { PrismaClient } from './generated/client.ts'
import { intendCreate } from './intend-create.ts'
import { renewLease } from './lease.ts'
import { classifyError } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { type PanelServer, panelServer } from './panel/resources.ts'
import { type PlanSpec, planSpecOf } from './plan-spec.ts'
import { orderOf, type Server } from './server.ts'

type Sent =
  | { outcome: 'created'; server: Server; found: PanelServer }
  /** It was sent, and this came back. */
  | { outcome: 'refused'; server: Server; error: PanelError }
  /** The order changed or the lease ended: nothing was sent. */
  | { outcome: 'lost' }

type Created =
  | Sent
  /** Nothing was sent; it may go well later without a word from anybody. */
  | { outcome: 'waiting'; class: string; message: string }
  /** Nothing was sent, and nothing will be before a person changes something. */
  | { outcome: 'failed'; class: string; message: string }

export type CreateServer = (server: Server) => Promise<Created>

type Deps = {
  prisma: PrismaClient
  panel: PanelClient
  ensureUser: EnsureUser
  findEgg: FindEgg
  leaseMs: number
}

/** Asks the panel for the server of an order, once everything that the panel needs for it is there. */
export function createCreateServer(deps: Deps): CreateServer {
  const { prisma, ensureUser, findEgg, leaseMs } = deps

  return async function createServer(server) {
    const order = orderOf(server)
    const [isOurs, spec] = await Promise.all([
      // Looking may have taken long, and so may what follows.
      renewLease(prisma, server, leaseMs),
      findPlanSpec(prisma, order.plan),
    ])
    if (!isOurs) return { outcome: 'lost' }
    if (!spec) return planWithoutSpec(order)
    const [egg, userId, place] = await allOrError([
      findEgg(spec.ptero_egg_id),
      ensureUser(order.customer),
      choosePlacement(deps, { orderId: order.order_id, region: order.region, size: spec.limits }),
    ])
    if (!egg) return eggMissing(order, spec)
    if ('wait' in place) return { outcome: 'waiting', ...place.wait }
    const body = createServerBody({ order, spec, egg, userId, ...place })
    const sent = await send(deps, server, body)
    return isUserGone(sent) ? await sendWithNewUser(deps, sent, order, body) : sent
  }
}

async function send({ prisma, panel, leaseMs }: Deps, server: Server, body: CreateBody): Promise<Sent> {
  const intended = await intendCreate(prisma, server, leaseMs)
  if (!intended) return { outcome: 'lost' }
  step('panel.before-create')
  try {
    const found = await panel.call('/servers?include=allocations', panelServer, { method: 'POST', body })
    return { outcome: 'created', server: intended, found }
  } catch (error) {
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
  body: CreateBody,
): Promise<Sent> {
  await forgetUser(deps.prisma, order.customer)
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

async function findPlanSpec(prisma: PrismaClient, plan: string): Promise<PlanSpec | null> {
  const row = await prisma.planSpec.findUnique({ where: { plan } })
  return row && planSpecOf(row)
}

function planWithoutSpec({ plan }: OrderState): Created {
  const message = `Nobody has said what the plan ${plan} is on the panel: PUT /admin/plan-specs/${plan}.`
  return { outcome: 'waiting', class: 'plan_without_spec', message }
}

function eggMissing({ plan }: OrderState, { ptero_egg_id }: PlanSpec): Created {
  const message = `The panel has no egg ${ptero_egg_id}: correct /admin/plan-specs/${plan}, then provision the order again.`
  return { outcome: 'failed', class: 'egg_missing', message }
}
