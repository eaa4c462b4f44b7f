import { expect, test } from 'vitest'
import { hasRoom, howManyFit } from './capacity.ts'

const node = {
  id: 1,
  maintenance_mode: false,
  memory: 1_000,
  memory_overallocate: 0,
  disk: 10_000,
  disk_overallocate: 0,
  allocated_resources: { memory: 0, disk: 0 },
}
const nothing = { memory: 0, disk: 0 }

test('a node is filled to the last MiB and not one more', () => {
  expect(hasRoom(node, nothing, { memory: 1_000, disk: 10_000 })).toBe(true)
  expect(hasRoom(node, nothing, { memory: 1_001, disk: 1 })).toBe(false)
  expect(hasRoom(node, nothing, { memory: 1, disk: 10_001 })).toBe(false)
})

test('what is on the panel and what is claimed both count', () => {
  const used = { ...node, allocated_resources: { memory: 400, disk: 0 } }
  expect(hasRoom(used, { memory: 400, disk: 0 }, { memory: 200, disk: 0 })).toBe(true)
  expect(hasRoom(used, { memory: 401, disk: 0 }, { memory: 200, disk: 0 })).toBe(false)
})

test('-1, which the panel calls unlimited, leaves 99 %', () => {
  const unlimited = { ...node, memory_overallocate: -1 }
  expect(hasRoom(unlimited, nothing, { memory: 990, disk: 0 })).toBe(true)
  expect(hasRoom(unlimited, nothing, { memory: 991, disk: 0 })).toBe(false)
})

test('nothing is placed on a node under maintenance', () => {
  expect(hasRoom({ ...node, maintenance_mode: true }, nothing, nothing)).toBe(false)
})

test('how many more fit is decided by what runs out first', () => {
  expect(howManyFit(node, { memory: 100, disk: 5_000 })).toBe(2)
  expect(howManyFit(node, { memory: 500, disk: 0 })).toBe(2)
  expect(howManyFit({ ...node, memory_overallocate: 100 }, { memory: 500, disk: 0 })).toBe(4)
  expect(howManyFit(node, nothing)).toBe(1)
})
