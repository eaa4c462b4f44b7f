import type { PanelServer } from '../panel-types/resources.ts'
import type { Size } from './capacity.ts'
import type { ExtraPort, Port } from './ports.ts'

/** What a server needs of a node: its size, and its ports beside the one that players connect to. */
export type Need = { size: Size; extras: ExtraPort[] }

/** The node and ports of an order's server. Players connect to the first port; the others follow in the plan's order. */
export type Placement = { panelId: string; nodeId: number; ports: { id: number; port: number }[] }

/** Each panel numbers its own nodes. */
export type PanelNodeId = Pick<Placement, 'panelId' | 'nodeId'>

/** One row: an allocation that is reserved for an order. The first of its ports carries the size of the server. */
export type Reservation = Size & {
  panel_id: string
  allocation_id: number
  node_id: number
  order_id: string
  position: number
  port: number
  on_panel_at: Date | null
}

/** False for what was on the panel before it showed us the node: the panel's own sums include it. */
export function isPending({ on_panel_at }: Reservation, shownAt: Date): boolean {
  return on_panel_at === null || on_panel_at >= shownAt
}

/** Null where nothing is reserved. */
export function placementOf(reservations: Reservation[]): Placement | null {
  const [first] = reservations
  if (!first) return null
  return {
    panelId: first.panel_id,
    nodeId: first.node_id,
    ports: reservations.map(({ allocation_id: id, port }) => ({ id, port })),
  }
}

/** The ports that are not reserved. */
export function openPorts(free: Port[], reservations: Reservation[], shownAt: Date): Port[] {
  const pending = reservations.filter((reservation) => isPending(reservation, shownAt))
  const taken = new Set(pending.map(({ allocation_id }) => allocation_id))
  return free.filter(({ id }) => !taken.has(id))
}

/** The ports that a server lacks although its create named them: the panel lets another create take them meanwhile. */
export function lostPorts(reservations: Reservation[], found: PanelServer): number[] {
  const ids = new Set(found.relationships?.allocations?.map(({ id }) => id))
  // Created by an earlier call, with another placement.
  if (reservations[0]?.allocation_id !== found.allocation) return []
  return reservations.filter(({ allocation_id }) => !ids.has(allocation_id)).map(({ port }) => port)
}

export function portsLost(found: PanelServer, ports: number[]) {
  return {
    class: 'ports_lost',
    message:
      `Server ${found.id} on the panel was made without its port ${ports.join(', ')}, which another server took meanwhile: ` +
      'give it others there and set its variables, or delete it there, then provision the order again.',
  }
}
