import type { PanelNode } from '../panel-types/resources.ts'

/** Memory and disk in MiB, cpu in percent of a core. 0 has no limit, and counts as nothing: as the panel does it. */
export type Size = { memory: number; disk: number; cpu: number }

/** A node as the seller uses it. */
export type Host = {
  node: PanelNode
  /** How much cpu its servers may have together; null: as much as is sold, for the panel counts none. */
  cpu: number | null
  /** What is reserved on it and not yet in the panel's sums. */
  reserved: Size
}

export const noSize: Size = { memory: 0, disk: 0, cpu: 0 }

/** Whether one more fits on the node beside what the panel counts and what is reserved. */
export function hasRoom(host: Host, wanted: Size): boolean {
  const free = freeOn(host)
  return (
    !host.node.maintenance_mode &&
    wanted.memory <= free.memory &&
    wanted.disk <= free.disk &&
    wanted.cpu <= free.cpu
  )
}

/** Whether so much more fits on a node that the panel shows. */
export function hasRoomFor(node: PanelNode, size: Size, host: Partial<Omit<Host, 'node'>> = {}): boolean {
  return hasRoom({ cpu: null, reserved: noSize, ...host, node }, size)
}

/** How many such servers the node still takes, whole or not; Infinity where they count as nothing. */
export function howManyFit(host: Host, wanted: Size): number {
  const free = freeOn(host)
  const fit = Math.min(
    timesIn(free.memory, wanted.memory),
    timesIn(free.disk, wanted.disk),
    timesIn(free.cpu, wanted.cpu),
  )
  return Math.max(0, fit)
}

export function sum(sizes: Size[]): Size {
  return sizes.reduce(
    (total, { memory, disk, cpu }) => ({
      memory: total.memory + memory,
      disk: total.disk + disk,
      cpu: total.cpu + cpu,
    }),
    noSize,
  )
}

function freeOn({ node, cpu, reserved }: Host): Size {
  const { allocated_resources: allocated } = node
  return {
    memory: limit(node.memory, node.memory_overallocate) - allocated.memory - reserved.memory,
    disk: limit(node.disk, node.disk_overallocate) - allocated.disk - reserved.disk,
    cpu: cpu === null ? Number.POSITIVE_INFINITY : cpu - cpuOn(node) - reserved.cpu,
  }
}

// As the panel does it: -1, which its form calls unlimited, leaves 99 %.
function limit(size: number, overallocate: number): number {
  return size * (1 + overallocate / 100)
}

// Its servers are shown only where cpu is counted.
function cpuOn({ relationships }: PanelNode): number {
  return (relationships?.servers ?? []).reduce((total, { limits }) => total + limits.cpu, 0)
}

function timesIn(free: number, wanted: number): number {
  return wanted === 0 ? Number.POSITIVE_INFINITY : free / wanted
}

/** What a server is to have more than it has. */
export function growthOf(has: Size, wanted: Size): Size {
  const more = (part: keyof Size) => Math.max(0, wanted[part] - has[part])
  return { memory: more('memory'), disk: more('disk'), cpu: more('cpu') }
}
