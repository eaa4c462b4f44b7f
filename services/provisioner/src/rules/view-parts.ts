import type { PanelNode } from '../panel-types/resources.ts'

/** What is read of a panel in one go: all nodes (`nodes-cpu` with the cpu of their servers), the free ports of a node, an egg. */
export type ViewPart = 'nodes' | 'nodes-cpu' | `ports/${number}` | `egg/${number}`

const second = 1_000
const minute = 60 * second

/** How long a part is good before it is read again: shorter where little is left, for there a change by hand decides whether something is sold. */
export function refreshAfterMs(part: ViewPart, items: unknown): number {
  if (items === null) return 30 * second
  if (part.startsWith('egg/')) return 10 * minute
  if (part.startsWith('ports/')) return isFew(items) ? 30 * second : 5 * minute
  return isNearlyFull(items) ? 15 * second : minute
}

function isFew(ports: unknown): boolean {
  return Array.isArray(ports) && ports.length < 10
}

function isNearlyFull(nodes: unknown): boolean {
  return (
    Array.isArray(nodes) &&
    nodes.some((node: PanelNode) =>
      (['memory', 'disk'] as const).some(
        (size) =>
          node.allocated_resources[size] > 0.9 * node[size] * (1 + node[`${size}_overallocate`] / 100),
      ),
    )
  )
}

/** The parts that sales on a panel need. */
export function wantedParts({
  nodeIds,
  countsCpu,
  countsOnlySizes,
  eggIds,
}: {
  nodeIds: number[]
  /** Whether a region limits the cpu of its nodes, and whether one does not. */
  countsCpu: boolean
  countsOnlySizes: boolean
  eggIds: number[]
}): ViewPart[] {
  return [
    ...(countsOnlySizes ? (['nodes'] as const) : []),
    ...(countsCpu ? (['nodes-cpu'] as const) : []),
    ...[...new Set(nodeIds)].map((id): ViewPart => `ports/${id}`),
    ...[...new Set(eggIds)].map((id): ViewPart => `egg/${id}`),
  ]
}
