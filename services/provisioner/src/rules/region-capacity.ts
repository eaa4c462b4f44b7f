import { howManyFit, noSize, type Size } from './capacity.ts'
import type { Candidate } from './nodes.ts'
import { countPortSets, type Port } from './ports.ts'
import { isPending, type Need, openPorts, type Reservation } from './reservations.ts'

type Known = { items: Port[]; shownAt: Date }
type Region = { hosts: Candidate[]; reservations: Reservation[] }

/**
 * About how many servers of this size the nodes of a region take in all, empty or not: as many as their sizes allow and, where
 * a node's free ports are known, as many as its ports do. Infinity where neither is limited.
 */
export function countCapacity(
  { hosts, reservations }: Region,
  need: Need,
  portsOf: (nodeId: number) => Known | null,
): number {
  return hosts
    .filter(({ node }) => !node.maintenance_mode)
    .reduce(
      (total, host) => total + Math.min(bySize(host, need.size), byPorts(host, reservations, need, portsOf)),
      0,
    )
}

/** How many servers of this size so much capacity holds. */
export function inPlaces(taken: Size, size: Size): number {
  const shares = (['memory', 'disk', 'cpu'] as const).flatMap((one) =>
    size[one] > 0 ? [taken[one] / size[one]] : [],
  )
  return shares.length === 0 ? 1 : Math.max(...shares)
}

function bySize(host: Candidate, size: Size): number {
  const { relationships: _, ...node } = host.node
  const empty = { ...host, reserved: noSize, node: { ...node, allocated_resources: { memory: 0, disk: 0 } } }
  return Math.floor(howManyFit(empty, size))
}

function byPorts(
  { node }: Candidate,
  reservations: Reservation[],
  { size, extras }: Need,
  portsOf: (nodeId: number) => Known | null,
): number {
  const known = portsOf(node.id)
  if (!known) return Number.POSITIVE_INFINITY
  const here = reservations.filter(({ node_id }) => node_id === node.id)
  const free = countPortSets(openPorts(known.items, here, known.shownAt), extras, 1_000)
  const held = here.filter(
    (reservation) => reservation.position === 0 && isPending(reservation, known.shownAt),
  ).length
  const { memory, disk } = node.allocated_resources
  return free + held + Math.floor(inPlaces({ memory, disk, cpu: 0 }, { ...size, cpu: 0 }))
}
