import {
  allocationRange,
  demoPanel as demoWorld,
  type PanelFault,
  type PanelSetup as PanelWorld,
} from '@spawnpoint/panel-simulator'
import { eventually, inSoak } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// Scaled down; the whole size is ORDERS=500 REPLICAS=4.
const orders = Number(process.env.ORDERS ?? inSoak(60, 36))
const replicas = Number(process.env.REPLICAS ?? 2)
const withinMs = orders * 500 + 120_000
const memory = 2_048
const disk = 10_240

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ world: scarceWorld(), install: { mode: 'after', ms: 1_000 } })
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2, 3] })
  await seller.send('PUT', '/admin/plan-specs/small', {
    ptero_egg_id: 2,
    limits: { memory, disk },
    environment: { RCON_PASS: 'example-password' },
    ports: [{ variable: 'RCON_PORT', offset: 1 }],
  })
  for (let replica = 1; replica < replicas; replica += 1) await seller.startReplica()
})

afterEach(() => seller[Symbol.asyncDispose]())

test(
  'of more orders than fit, on a panel that fails every fifth call, exactly those get a server that fit, and the rest in their turn',
  async () => {
    const fit = placesOf(scarceWorld())
    expect(fit).toBeGreaterThan(orders / 2)
    expect(fit).toBeLessThan(orders)
    for (const fault of everyFifthCall()) seller.panel.addFault(fault)
    seller.panel.breakWings({ on: 'create', chance: 0.1, fault: 'closed' })
    seller.panel.breakWings({ on: 'create', chance: 0.05, fault: 500 })

    const ids = Array.from({ length: orders }, (_, index) => `o-${String(index).padStart(4, '0')}`)
    for (const id of ids) await seller.sell(paidOrder(id))
    await settled({ provisioned: fit, waiting: orders - fit })
    expectSound(fit)

    // Two at a time an administrator makes room, on whichever node.
    for (let room = 0; room < 3; room += 1) {
      const [first, second] = await line()
      const [one, other] = seller.panel.state().servers.slice(-2 - 3 * room)
      seller.panel.change({ delete: { servers: [one?.id ?? 0, other?.id ?? 0] } })
      await settled({ provisioned: fit + 2 * (room + 1), waiting: orders - fit - 2 * (room + 1) })
      expect(await line()).not.toContain(first)
      expect(await line()).not.toContain(second)
      expectSound(fit)
    }
  },
  2 * withinMs,
)

/** 400 MiB too few for one more on the first node, one port too few on the second, no disk for one more on the third. */
function scarceWorld(): PanelWorld {
  const world = demoWorld()
  const share = Math.floor(orders / 4)
  const roomy = { memory: memory * orders, disk: disk * orders }
  const ports = [orders * 2, share * 2 + 1, orders * 2]
  const [first, second, third] = world.nodes
  if (!first || !second || !third) throw new Error('The demo has three nodes')
  return {
    ...world,
    nodes: [
      { ...first, ...roomy, memory: memory * (share + 1) - 400 },
      { ...second, ...roomy },
      { ...third, ...roomy, disk: disk * (share + 2) - 1, disk_overallocate: 0 },
    ],
    allocations: ports.flatMap((count, index) =>
      allocationRange({
        firstId: index * 10_000 + 1,
        node: index + 1,
        ip: `203.0.113.${index + 1}`,
        firstPort: 20_000,
        count,
      }),
    ),
  }
}

/** By the world alone: what runs out first on each node. */
function placesOf({ nodes, allocations }: PanelWorld): number {
  const onNode = nodes.map((node) => {
    const ports = allocations.filter(({ node_id }) => node_id === node.id).length
    return Math.min(Math.floor(node.memory / memory), Math.floor(node.disk / disk), Math.floor(ports / 2))
  })
  return onNode.reduce((sum, places) => sum + places, 0)
}

function everyFifthCall(): PanelFault[] {
  const chance = 0.02
  const kinds: PanelFault['do'][] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502 },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 504, code: 'DaemonConnectionException' },
    { kind: 'status', status: 429, retryAfterS: 0 },
    { kind: 'created-then-504' },
    { kind: 'lost-response' },
    { kind: 'refused' },
    { kind: 'slow', ms: 5_000 },
    { kind: 'respond', status: 502, body: '<html>Bad gateway</html>' },
    { kind: 'respond', status: 200, body: '{"object":"ser' },
  ]
  return kinds.map((kind) => ({ when: { chance }, do: kind }))
}

async function settled(expected: { provisioned: number; waiting: number }): Promise<void> {
  await eventually(
    async () => {
      const provisioned = await seller.prisma.server.count({ where: { status: 'provisioned' } })
      expect({ provisioned, waiting: (await line()).length }).toEqual(expected)
    },
    { timeoutMs: withinMs, everyMs: 200 },
  )
}

/** Who is next, as they came. */
async function line(): Promise<string[]> {
  const rows = await seller.prisma.$queryRawUnsafe<{ order_id: string }[]>(
    `SELECT waiting.order_id FROM waiting JOIN server ON server.order_id = waiting.order_id
     WHERE server.error_class = 'no_capacity' AND server.next_attempt_at IS NULL ORDER BY waiting.seq`,
  )
  return rows.map(({ order_id }) => order_id)
}

/** By the panel's own books: so many servers, each order's once, none beyond what its node has, each with its two ports. */
function expectSound(count: number): void {
  const { servers, nodes } = seller.panel.state()
  expect(servers).toHaveLength(count)
  expect(new Set(servers.map(({ external_id }) => external_id)).size).toBe(count)
  for (const node of nodes) {
    expect(node.allocated_resources.memory).toBeLessThanOrEqual(node.memory)
    expect(node.allocated_resources.disk).toBeLessThanOrEqual(node.disk)
  }
  expect(new Set(servers.flatMap(({ allocations }) => allocations)).size).toBe(2 * count)
}
