import {
  allocationRange,
  demoPanel as demoWorld,
  type PanelSetup as PanelWorld,
} from '@spawnpoint/panel-simulator'

/** The demo's panel with so many MiB and ports on each of its nodes. */
export function fullWorld(nodes: { memory: number; ports: number }[]): PanelWorld {
  const world = demoWorld()
  return {
    ...world,
    nodes: world.nodes.slice(0, nodes.length).map((node, index) => ({
      ...node,
      memory: nodes[index]?.memory ?? 0,
    })),
    allocations: nodes.flatMap(({ ports: count }, index) =>
      allocationRange({
        firstId: index * 1_000 + 1,
        node: index + 1,
        ip: `203.0.113.${index + 1}`,
        firstPort: 25_565,
        count,
      }),
    ),
  }
}
