import type { PrismaClient } from '../generated/client.ts'
import type { Known, Shown } from '../rules/compared.ts'
import { keyOf } from '../rules/customer-key.ts'
import { isSameServer } from '../rules/find-drift.ts'
import { lastAppliedOf } from '../rules/last-applied.ts'
import type { PlanSpec } from '../rules/plan-spec.ts'
import { orderOf } from '../rules/server.ts'
import { findPlanSpecs } from './plan-specs.ts'

const batchSize = 200

/** The rows of a panel that have not changed since and are not due: they can be compared with what the panel shows. */
export async function readComparedServers(
  prisma: PrismaClient,
  panelId: string,
  since: Date,
): Promise<Known[]> {
  const known: Known[] = []
  for (let after = ''; ; ) {
    const rows = await quietRows(prisma, { panelId, after, since })
    known.push(...(await describe(prisma, panelId, rows)))
    const last = rows.at(-1)
    if (!last || rows.length < batchSize) return known
    after = last.orderId
  }
}

/**
 * The panels of the orders that these servers refer to, where the order is known; this panel where no create was
 * sent yet, or where theirs is the one shown, because one panel may be registered under two names.
 */
export async function readOrderPanels(
  prisma: PrismaClient,
  panelId: string,
  shown: Pick<Shown, 'external_id' | 'uuid'>[],
): Promise<Map<string, string>> {
  const uuids = new Map(shown.map(({ external_id, uuid }) => [external_id ?? '', uuid]))
  const orderIds = [...uuids.keys()]
  const panels = new Map<string, string>()
  for (let index = 0; index < orderIds.length; index += 1_000) {
    const some = orderIds.slice(index, index + 1_000)
    const rows = await prisma.server.findMany({ where: { orderId: { in: some } }, select: ofOrderPanel })
    for (const { orderId, generation, pteroServerId, pteroUuid, pteroIdentifier, ...row } of rows) {
      const wasSent = generation > 0 || pteroServerId !== null
      const server = { ptero_uuid: pteroUuid, ptero_identifier: pteroIdentifier }
      const isShown = isSameServer(server, uuids.get(orderId) ?? '')
      panels.set(orderId, wasSent && !isShown ? row.panelId : panelId)
    }
  }
  return panels
}

const ofOrderPanel = {
  orderId: true,
  panelId: true,
  generation: true,
  pteroServerId: true,
  pteroUuid: true,
  pteroIdentifier: true,
} as const

type Row = Awaited<ReturnType<typeof quietRows>>[number]

function quietRows(
  prisma: PrismaClient,
  { panelId, after, since }: { panelId: string; after: string; since: Date },
) {
  return prisma.server.findMany({
    where: {
      orderId: { gt: after },
      panelId,
      orderVersion: { gt: 0 },
      nextAttemptAt: null,
      leaseToken: null,
      updatedAt: { lt: since },
    },
    select: compared,
    orderBy: { orderId: 'asc' },
    take: batchSize,
  })
}

const compared = {
  orderId: true,
  desired: true,
  orderState: true,
  builtState: true,
  status: true,
  generation: true,
  pteroServerId: true,
  pteroUuid: true,
  pteroIdentifier: true,
  nodeId: true,
  allocationId: true,
  address: true,
  movedRegion: true,
} as const

async function describe(prisma: PrismaClient, panelId: string, rows: Row[]): Promise<Known[]> {
  const described = rows.map((row) => {
    const order = orderOf({ order_state: row.orderState })
    const lastApplied = lastAppliedOf({ built_state: row.builtState })
    const { region, customer } = order
    const { environment = order.environment } = lastApplied
    return { row, region, environment, plan: lastApplied.plan ?? order.plan, customerKey: keyOf(customer) }
  })
  const [specs, generated, users] = await Promise.all([
    findPlanSpecs(prisma, [...new Set(described.map(({ plan }) => plan))], panelId),
    prisma.generatedValue.findMany({ where: { orderId: { in: rows.map(({ orderId }) => orderId) } } }),
    prisma.panelUser.findMany({
      where: { customerKey: { in: described.map(({ customerKey }) => customerKey) }, panelId },
    }),
  ])
  const userOf = new Map(users.map((user) => [user.customerKey, user.pteroUserId]))
  return described.map(({ row, region, environment, plan, customerKey }) => ({
    order_id: row.orderId,
    desired: row.desired as Known['desired'],
    status: row.status as Known['status'],
    generation: row.generation,
    ptero_server_id: row.pteroServerId,
    ptero_uuid: row.pteroUuid,
    ptero_identifier: row.pteroIdentifier,
    node_id: row.nodeId,
    allocation_id: row.allocationId,
    address: row.address,
    moved_region: row.movedRegion,
    region,
    user: userOf.get(customerKey) ?? null,
    spec: specs.get(plan) ?? null,
    variables: variablesOf(
      specs.get(plan),
      environment,
      generated.filter(({ orderId }) => orderId === row.orderId),
    ),
  }))
}

/** What the order sets, else the plan, or what was generated for the server. */
function variablesOf(
  spec: PlanSpec | undefined,
  environment: Record<string, string>,
  generated: { variable: string; value: string }[],
): Known['variables'] {
  const secrets = new Map(generated.map(({ variable, value }) => [variable, value]))
  const ofPlan = Object.entries(spec?.environment ?? {}).flatMap(([name, wanted]) => {
    const value = typeof wanted === 'string' ? wanted : secrets.get(name)
    return value === undefined ? [] : [[name, { value, isSecret: typeof wanted !== 'string' }] as const]
  })
  const ofOrder = Object.entries(environment).map(
    ([name, value]) => [name, { value, isSecret: false }] as const,
  )
  return Object.fromEntries([...ofPlan, ...ofOrder])
}
