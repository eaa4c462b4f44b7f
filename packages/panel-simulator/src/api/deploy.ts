import { display, PanelError } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Allocation, Node } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { usageByNode } from './attributes.ts'

type Need = { memory: number; disk: number; locations: number[] }

/** Public nodes with room. The panel looks at no processor, no maintenance mode and no free port; 0 needs nothing. */
export function viableNodes(tables: Tables, { memory, disk, locations }: Need): Node[] {
  const usage = usageByNode(tables)
  const viable = tables.nodes.where((node) => {
    if (!node.public || (locations.length > 0 && !locations.includes(node.location_id))) return false
    const used = usage.get(node.id) ?? { memory: 0, disk: 0 }
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
  const isWanted = ({ port }: Allocation) =>
    ranges.length === 0 || ranges.some(([from, to]) => port >= from && port <= to)
  const inUse = new Set<string>()
  const free: Allocation[] = []
  tables.allocations.each((allocation) => {
    if (!nodeIds.has(allocation.node_id)) return
    if (allocation.server_id === null) free.push(allocation)
    else if (dedicated) inUse.add(addressOf(allocation))
  })
  const drawn = draw(
    free.filter((allocation) => isWanted(allocation) && !(dedicated && inUse.has(addressOf(allocation)))),
    externalId,
  )
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
