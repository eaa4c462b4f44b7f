import type { Drift } from '@spawnpoint/contracts'
import type { Difference, Known, Shown } from './compared.ts'
import { ports, variables } from './environment-drift.ts'
import { movedRegion } from './moved.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { Server } from './server.ts'

export type Found = Pick<Drift, 'kind' | 'order_id' | 'ptero_server_id' | 'finding'> & {
  ptero_uuid: string | null
  /** Of `changed`: what differs. */
  fields: string[]
  /** What the panel shows there. */
  shown: string
}

/** A drift as it is stored; `shown` is null where it was stored before that was recorded. */
type Recorded = { fields: string; ptero_uuid: string | null; shown: string | null }

/** Whether it is the same drift as before: of the same server, and in the same values. Its sentence may have changed since. */
export function isSameDrift(before: Recorded, found: Recorded): boolean {
  const isOfServer = before.fields === found.fields && before.ptero_uuid === found.ptero_uuid
  return isOfServer && (before.shown === null || before.shown === found.shown)
}

type Around = {
  /** The regions in which servers may be on a node. */
  regionsOf: (nodeId: number) => string[]
  /** The variables of an egg that its customers cannot change. */
  lockedIn: (eggId: number) => ReadonlySet<string>
}
type Surroundings = Partial<Around> & {
  panelId: string
  /** The panel of an order, busy or not; undefined where the order is unknown. */
  panelOf: (orderId: string) => string | undefined
}

const nothingAround: Around = { regionsOf: () => [], lockedIn: () => new Set() }

/** The differences between a panel and our rows. */
export function findDrifts(
  shown: Shown[],
  known: Known[],
  { panelId, panelOf, ...around }: Surroundings,
): Found[] {
  const byUuid = new Map(shown.map((server) => [server.uuid, server]))
  const byOrder = new Map(shown.map((server) => [server.external_id, server]))
  const ownUuids = new Set(known.map(({ ptero_uuid }) => ptero_uuid))
  const claimed = new Set<string>()
  const drifts: Found[] = []
  for (const row of known) {
    const named = byOrder.get(row.order_id)
    const server =
      (row.ptero_uuid === null ? undefined : byUuid.get(row.ptero_uuid)) ??
      // Another order's server may have been given its external id by hand.
      (named && !ownUuids.has(named.uuid) ? named : undefined)
    if (server) claimed.add(server.uuid)
    drifts.push(...(server ? compare(row, server, { ...nothingAround, ...around }) : missing(row)))
  }
  for (const server of shown) {
    const home = panelOf(server.external_id ?? '')
    if (claimed.has(server.uuid) || home === panelId || !isNamedLikeOurs(server)) continue
    drifts.push(orphan(server, home))
  }
  return drifts
}

function compare(row: Known, server: Shown, around: Around): Found[] {
  const target = { order_id: row.order_id, ptero_server_id: server.id, ptero_uuid: server.uuid, ...ofNoField }
  if (row.desired === 'terminated' || row.status === 'terminated') {
    const finding = `The order is over, and server ${server.id} is on the panel.`
    // Only what we asked for is ours to delete.
    return row.generation > 0 ? [{ ...target, kind: 'left_over', finding }] : []
  }
  if (row.desired === 'none' || !isSettled(row)) return []
  const differences = [...differencesOf(row, server, around), ...unclear(row, server, around)]
  if (differences.length === 0) return []
  const finding = `${differences.map(({ text }) => text).join('; ')}.`
  const fields = differences.map(({ field }) => field)
  const values = differences.map(({ field, value }) => `${field}=${value}`).join(',')
  return [{ ...target, kind: 'changed', finding, fields, shown: values.slice(0, 1_000) }]
}

function missing(row: Known): Found[] {
  const { order_id, ptero_server_id, ptero_uuid, desired } = row
  if (!isSettled(row) || ptero_server_id === null || (desired !== 'running' && desired !== 'suspended'))
    return []
  const finding = `Server ${ptero_server_id} is no longer on the panel.`
  return [{ kind: 'ghost', order_id, ptero_server_id, ptero_uuid, finding, ...ofNoField }]
}

function orphan({ id, uuid, external_id }: Shown, home: string | undefined): Found {
  const why = home === undefined ? 'of which nothing was ever heard' : `whose server is on the panel ${home}`
  const finding = `Server ${id} on the panel says that it belongs to order ${external_id}, ${why}.`
  const about = { kind: 'orphan', order_id: null, ptero_server_id: id, ptero_uuid: uuid } as const
  return { ...about, finding, fields: [], shown: home ?? '' }
}

const ofNoField = { fields: [], shown: '' }

function differencesOf(row: Known, server: Shown, { lockedIn }: Around): Difference[] {
  const isSuspended = server.status === 'suspended'
  const isToBe = row.desired === 'suspended'
  return [
    ...sizes(row.spec?.limits ?? null, server.limits),
    ...eggs(row.spec, server),
    ...ports(row.spec, server),
    ...variables(row, server, lockedIn),
    ...(row.user !== null && row.user !== server.user
      ? [
          {
            ...{ field: 'owner', value: String(server.user) },
            text: `its owner is user ${server.user} instead of ${row.user}`,
          },
        ]
      : []),
    ...(server.external_id === row.order_id
      ? []
      : [
          {
            ...{ field: 'external_id', value: String(server.external_id) },
            text: `its external id is ${server.external_id}`,
          },
        ]),
    ...(isSuspended === isToBe || !(isSuspended || server.status === null)
      ? []
      : [
          {
            ...{ field: 'suspended', value: String(isSuspended) },
            text: isSuspended ? 'it is suspended' : 'it is not suspended',
          },
        ]),
  ]
}

/** Of where it is: what is not taken over, for it cannot be right or leaves something open. */
function unclear(row: Known, server: Shown, { regionsOf }: Around): Difference[] {
  const { node, allocation, relationships } = server
  const isLost = relationships?.allocations?.every(({ id }) => id !== allocation) ?? false
  const regions = regionsOf(node)
  const isOpen = row.moved_region === '' && row.node_id === node && movedRegion(row.region, regions) === ''
  return [
    ...(isLost
      ? [
          {
            ...{ field: 'allocation', value: String(allocation) },
            text: `its own port (allocation ${allocation}) is not one of its ports: give it one on the panel`,
          },
        ]
      : []),
    ...(isOpen
      ? [
          {
            ...{ field: 'region', value: `${node}:${regions.join(' ')}` },
            text:
              regions.length === 0
                ? `it was moved to node ${node}, which is in no region: PUT /admin/region-nodes/:region puts it into one`
                : `it was moved to node ${node}, which is in the regions ${regions.join(', ')}: POST /admin/orders/${row.order_id}/change-region says in which it is`,
          },
        ]
      : []),
  ]
}

function eggs(spec: Known['spec'], { egg }: Shown): Difference[] {
  if (!spec || spec.ptero_egg_id === egg) return []
  return [{ field: 'egg', value: String(egg), text: `its egg is ${egg} instead of ${spec.ptero_egg_id}` }]
}

function sizes(wanted: PlanSpec['limits'] | null, limits: Shown['limits']): Difference[] {
  if (!wanted) return []
  return (['memory', 'swap', 'disk', 'io', 'cpu'] as const)
    .filter((field) => limits[field] !== wanted[field])
    .map((field) => ({
      ...{ field, value: String(limits[field]) },
      text: `${field} is ${limits[field]} instead of ${wanted[field]}`,
    }))
}

// Published as present.
function isSettled({ status }: Known): boolean {
  return status === 'provisioned' || status === 'suspended'
}

// As we write it when we make one; a customer may have changed the description since, but not the id.
function isNamedLikeOurs({ external_id, description }: Shown): boolean {
  if (external_id === null) return false
  return (
    description === `Order ${external_id}` ||
    /^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/.test(external_id)
  )
}

/**
 * Whether the server that a panel shows is the one in our row, under whatever name that panel is registered. After a recovery only the
 * identifier is known, the beginning of the uuid.
 */
export function isSameServer(
  { ptero_uuid, ptero_identifier }: Pick<Server, 'ptero_uuid' | 'ptero_identifier'>,
  uuid: string,
): boolean {
  if (ptero_uuid !== null) return uuid === ptero_uuid
  return ptero_identifier !== null && uuid.startsWith(ptero_identifier)
}
