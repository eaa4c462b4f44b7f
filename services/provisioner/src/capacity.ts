import type { PanelNode } from './panel/resources.ts'

/** MiB. */
export type Size = { memory: number; disk: number }

/** Whether the node has room for one more beside what the panel counts and what is claimed but not there yet. */
export function hasRoom(node: PanelNode, claimed: Size, wanted: Size): boolean {
  const { allocated_resources: allocated } = node
  return (
    !node.maintenance_mode &&
    allocated.memory + claimed.memory + wanted.memory <= limit(node.memory, node.memory_overallocate) &&
    allocated.disk + claimed.disk + wanted.disk <= limit(node.disk, node.disk_overallocate)
  )
}

// As the panel does it: -1, which its form calls unlimited, leaves 99 %.
function limit(size: number, overallocate: number): number {
  return size * (1 + overallocate / 100)
}
