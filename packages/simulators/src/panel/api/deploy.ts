import { display, PanelError } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Allocation, Node } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { allocatedResources } from './attributes.ts'

export type Need = { memory: number; disk: number; locations: number[] }

/** Public nodes with room. The panel looks at no processor, no maintenance mode and no free port; 0 needs nothing. */
export function viableNodes(tables: Tables, { memory, disk, locations }: Need): Node[] {
  const viable = tables.nodes.where((node) => {
    if (!node.public || (locations.length > 0 && !locations.includes(node.location_id))) return false
    const used = allocatedResources(tables, node)
    return (
      used.memory + memory <= node.memory * (1 + node.memory_overallocate / 100) &&
      used.disk + disk <= node.disk * (1 + node.disk_overallocate / 100)
    )
  })
  if (viable.length === 0) {
    throw new PanelError(
      400,
      'NoViableNodeException',
      'No nodes satisfying the requirements specified for automatic deployment could be found.',
      { as: 'display' },
    )
  }
  return viable
}

/** One free port drawn over all nodes, so a node with more free ports gets more servers. */
export function drawAllocation(
  { tables, draw }: Pick<PanelContext, 'tables' | 'draw'>,
  {
    nodes,
    ports,
    dedicated,
    externalId,
  }: { nodes: Node[]; ports: string[]; dedicated: boolean; externalId: string | null },
): Allocation {
  const ranges = readPorts(ports)
  const nodeIds = new Set(nodes.map(({ id }) => id))
  const onNodes = tables.allocations.where((allocation) => nodeIds.has(allocation.node_id))
  const inUse = new Set(onNodes.filter(({ server_id }) => server_id !== null).map(addressOf))
  const free = onNodes.filter(
    (allocation) =>
      allocation.server_id === null &&
      !(dedicated && inUse.has(addressOf(allocation))) &&
      (ranges.length === 0 || ranges.some(([from, to]) => allocation.port >= from && allocation.port <= to)),
  )
  const drawn = draw(free, externalId)
  if (!drawn) {
    throw new PanelError(
      400,
      'NoViableAllocationException',
      'No allocations satisfying the requirements for automatic deployment were found.',
      { as: 'display' },
    )
  }
  return drawn
}

// What is neither a port nor a range is dropped without a word: ["abc"] asks for any port.
function readPorts(ports: string[]): [from: number, to: number][] {
  return ports.flatMap((text): [number, number][] => {
    if (/^\d{4,5}$/.test(text)) return [[Number(text), Number(text)]]
    const [, from, to] = /^(\d{4,5})-(\d{4,5})$/.exec(text) ?? []
    if (from === undefined || to === undefined) return []
    if (Number(to) - Number(from) >= 1000) throw display(rangeTooLarge)
    return [[Number(from), Number(to)]]
  })
}

export const rangeTooLarge = 'Adding more than 1000 ports in a single range at once is not supported.'

function addressOf({ node_id, ip }: Allocation): string {
  return `${node_id} ${ip}`
}
