import { expect, test } from 'vitest'
import { noSize } from './capacity.ts'
import { type Candidate, drawNodes } from './nodes.ts'

const wanted = { memory: 1_000, disk: 1_000, cpu: 0 }

test('of two equal nodes each comes first half of the time', () => {
  expect(firsts([candidate(1, 8_000), candidate(2, 8_000)])).toEqual({ 1: 50, 2: 50 })
})

test('a node with three times the capacity is drawn first three times as often, and so is one of three times the weight', () => {
  expect(firsts([candidate(1, 9_000), candidate(2, 3_000)])).toEqual({ 1: 75, 2: 25 })
  expect(firsts([candidate(1, 6_000, 3), candidate(2, 6_000, 1)])).toEqual({ 1: 75, 2: 25 })
})

test('what is allocated already makes no lots', () => {
  const half = candidate(1, 12_000)
  half.node.allocated_resources.memory = 9_000
  expect(firsts([half, candidate(2, 9_000)])).toEqual({ 1: 25, 2: 75 })
})

test('what is reserved makes no lots either', () => {
  const half = { ...candidate(1, 12_000), reserved: { ...noSize, memory: 9_000 } }
  expect(firsts([half, candidate(2, 9_000)])).toEqual({ 1: 25, 2: 75 })
})

test('a node without capacity is not drawn, and one that has exactly enough is', () => {
  const nodes = drawNodes([candidate(1, 999), candidate(2, 1_000)], wanted)
  expect(nodes.map(({ node }) => node.id)).toEqual([2])
})

test('weight 0 is a reserve: after all the others, whatever its size', () => {
  for (const random of [0, 0.5, 0.999_999])
    expect(drawNodes([candidate(1, 99_000, 0), candidate(2, 1_000)], wanted, () => random)[0]?.node.id).toBe(
      2,
    )
  expect(drawNodes([candidate(1, 99_000, 0)], wanted)).toHaveLength(1)
})

test('servers of no size are spread evenly over the nodes', () => {
  const [first] = drawNodes([candidate(1, 9_000), candidate(2, 3_000, 0)], noSize, () => 0.5)
  expect(first?.node.id).toBe(1)
})

test('five hundred servers fill three unlike nodes to the same degree', () => {
  const candidates = [candidate(1, 400_000), candidate(2, 200_000), candidate(3, 100_000)]
  const random = seeded()
  for (let count = 0; count < 500; count += 1) {
    const [drawn] = drawNodes(candidates, wanted, random)
    if (drawn) drawn.node.allocated_resources.memory += wanted.memory
  }
  for (const { node } of candidates)
    expect(node.allocated_resources.memory / node.memory).toBeCloseTo(500 / 700, 1)
})

function candidate(id: number, memory: number, weight = 1): Candidate {
  const node = {
    id,
    name: `fra-${id}`,
    maintenance_mode: false,
    memory,
    memory_overallocate: 0,
    disk: 1_000_000,
    disk_overallocate: 0,
  }
  const allocated_resources = { memory: 0, disk: 0 }
  return { node: { ...node, allocated_resources }, weight, cpu: null, reserved: noSize }
}

/** How often each of two comes first, in percent to the nearest five. */
function firsts(candidates: Candidate[]): Record<number, number> {
  const random = seeded()
  const drawn = Array.from({ length: 4_000 }, () => drawNodes(candidates, wanted, random)[0]?.node.id)
  const percent = (id: number) => (drawn.filter((first) => first === id).length * 100) / drawn.length
  return Object.fromEntries(candidates.map(({ node: { id } }) => [id, Math.round(percent(id) / 5) * 5]))
}

// mulberry32
function seeded(): () => number {
  let state = 7
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
