import type { PanelNode } from './panel/resources.ts'

/** MiB. */
export type Size = { memory: number; disk: number }

/** Whether the node has room for one more beside what the panel counts and what is claimed but not there yet. */
export function hasRoom(node: PanelNode, claimed: Size, wanted: Size): boolean {
  const free = freeOn(node, claimed)
  return !node.maintenance_mode && wanted.memory <= free.memory && wanted.disk <= free.disk
}

/** How many such servers the node still takes, whole or not. What takes no room of its own counts the node as one. */
export function howManyFit(node: PanelNode, wanted: Size): number {
  const free = freeOn(node, { memory: 0, disk: 0 })
  const fit = Math.min(timesIn(free.memory, wanted.memory), timesIn(free.disk, wanted.disk))
  return Number.isFinite(fit) ? Math.max(0, fit) : 1
}

function freeOn(node: PanelNode, claimed: Size): Size {
  const { allocated_resources: allocated } = node
  return {
    memory: limit(node.memory, node.memory_overallocate) - allocated.memory - claimed.memory,
    disk: limit(node.disk, node.disk_overallocate) - allocated.disk - claimed.disk,
  }
}

// As the panel does it: -1, which its form calls unlimited, leaves 99 %.
function limit(size: number, overallocate: number): number {
  return size * (1 + overallocate / 100)
}

function timesIn(free: number, wanted: number): number {
  return wanted === 0 ? Number.POSITIVE_INFINITY : free / wanted
}
