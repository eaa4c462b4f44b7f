import type { OrderState } from '@spawnpoint/contracts'
import { step } from '@spawnpoint/service-kit'
import { choosePlacement } from './choose-placement.ts'
import { eggEnvironment } from './egg-environment.ts'
import { type EnsureUser, forgetUser } from './ensure-user.ts'
import type { FindEgg } from './find-egg.ts'
import type { PrismaClient } from './generated/client.ts'
import { intendCreate } from './intend-create.ts'
import { renewLease } from './lease.ts'
import { classifyError } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { type PanelEgg, type PanelServer, panelServer } from './panel/resources.ts'
import { type PlanSpec, planSpecOf } from './plan-spec.ts'
import { orderOf, type Server } from './server.ts'

type Created =
  | { outcome: 'created'; server: Server; found: PanelServer }
  /** Nothing was sent; it may go well later without a word from anybody. */
  | { outcome: 'waiting'; class: string; message: string }
  /** Nothing was sent, and nothing will be before a person changes something. */
  | { outcome: 'failed'; class: string; message: string }
  /** It was sent, and this came back. */
  | { outcome: 'refused'; server: Server; error: PanelError }
  /** The order changed or the lease ended: nothing was sent. */
  | { outcome: 'lost' }

export type CreateServer = (server: Server) => Promise<Created>

/** Asks the panel for the server of an order, once everything that the panel needs for it is there. */
export function createCreateServer(deps: {
  prisma: PrismaClient
  panel: PanelClient
  ensureUser: EnsureUser
  findEgg: FindEgg
  leaseMs: number
}): CreateServer {
  const { prisma, ensureUser, findEgg, leaseMs } = deps

  return async function createServer(server) {
    const order = orderOf(server)
    const spec = await findPlanSpec(prisma, order.plan)
    if (!spec)
      return {
        outcome: 'waiting',
        class: 'plan_without_spec',
        message: `Nobody has said what the plan ${order.plan} is on the panel: PUT /admin/plan-specs/${order.plan}.`,
      }
    const egg = await findEgg(spec.ptero_egg_id)
    if (!egg)
      return {
        outcome: 'failed',
        class: 'egg_missing',
        message: `The panel has no egg ${spec.ptero_egg_id}: correct /admin/plan-specs/${order.plan}, then provision the order again.`,
      }
    // Users are made one after the other: this may take a while.
    if (!(await renewLease(prisma, server, leaseMs))) return { outcome: 'lost' }
    const userId = await ensureUser(order.customer)
    const place = await choosePlacement(deps, {
      orderId: order.order_id,
      region: order.region,
      size: spec.limits,
    })
    if ('wait' in place) return { outcome: 'waiting', ...place.wait }
    const intended = await intendCreate(prisma, server, leaseMs)
    if (!intended) return { outcome: 'lost' }
    return await send(deps, order, intended, createServerBody({ order, spec, egg, userId, ...place }))
  }
}

async function send(
  { prisma, panel }: { prisma: PrismaClient; panel: PanelClient },
  order: OrderState,
  server: Server,
  body: unknown,
): Promise<Created> {
  step('panel.before-create')
  try {
    const found = await panel.call('/servers?include=allocations', panelServer, { method: 'POST', body })
    return { outcome: 'created', server, found }
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    if (classifyError(error).class === 'user_gone') await forgetUser(prisma, order.customer)
    return { outcome: 'refused', server, error }
  }
}

async function findPlanSpec(prisma: PrismaClient, plan: string): Promise<PlanSpec | null> {
  const row = await prisma.planSpec.findUnique({ where: { plan } })
  return row && planSpecOf(row)
}

// The panel takes neither image nor startup nor defaults from the egg by itself.
function createServerBody({
  order,
  spec,
  egg,
  userId,
  allocationId,
}: {
  order: OrderState
  spec: PlanSpec
  egg: PanelEgg
  userId: number
  allocationId: number
}) {
  return {
    external_id: order.order_id,
    name: order.server_name,
    description: `Order ${order.order_id}`,
    user: userId,
    egg: spec.ptero_egg_id,
    docker_image: spec.docker_image ?? Object.values(egg.docker_images)[0] ?? egg.docker_image ?? '',
    startup: spec.startup ?? egg.startup,
    environment: eggEnvironment(egg, spec.environment, order.environment),
    limits: spec.limits,
    feature_limits: spec.feature_limits,
    oom_disabled: false,
    allocation: { default: allocationId },
  }
}
