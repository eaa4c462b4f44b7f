import { expect, test } from 'vitest'
import { type Host, hasRoom, hasRoomFor, howManyFit, noSize, type Size } from './capacity.ts'

const node = {
  id: 1,
  name: 'fra-1',
  maintenance_mode: false,
  memory: 1_000,
  memory_overallocate: 0,
  disk: 10_000,
  disk_overallocate: 0,
  allocated_resources: { memory: 0, disk: 0 },
}

test('a node is filled to the last MiB and not one more', () => {
  expect(hasRoomFor(node, size({ memory: 1_000, disk: 10_000 }))).toBe(true)
  expect(hasRoomFor(node, size({ memory: 1_001, disk: 1 }))).toBe(false)
  expect(hasRoomFor(node, size({ memory: 1, disk: 10_001 }))).toBe(false)
})

test('what is on the panel and what is reserved both count', () => {
  const used = { ...node, allocated_resources: { memory: 400, disk: 0 } }
  const wanted = size({ memory: 200 })
  expect(hasRoomFor(used, wanted, { reserved: size({ memory: 400 }) })).toBe(true)
  expect(hasRoomFor(used, wanted, { reserved: size({ memory: 401 }) })).toBe(false)
})

test('-1, which the panel calls unlimited, leaves 99 %, and 50 gives half as much again', () => {
  const with_ = (memory_overallocate: number) => ({ ...node, memory_overallocate })
  expect(hasRoomFor(with_(-1), size({ memory: 990 }))).toBe(true)
  expect(hasRoomFor(with_(-1), size({ memory: 991 }))).toBe(false)
  expect(hasRoomFor(with_(50), size({ memory: 1_500 }))).toBe(true)
  expect(hasRoomFor(with_(50), size({ memory: 1_501 }))).toBe(false)
})

test('what has no limit counts as nothing, also on a full node', () => {
  const full = { ...node, allocated_resources: { memory: 1_000, disk: 10_000 } }
  expect(hasRoomFor(full, noSize)).toBe(true)
  expect(hasRoomFor(full, size({ memory: 1 }))).toBe(false)
})

test('nothing is placed on a node under maintenance', () => {
  expect(hasRoomFor({ ...node, maintenance_mode: true }, noSize)).toBe(false)
})

test('cpu counts where the seller sets a limit', () => {
  const servers = [{ limits: { cpu: 150 } }, { limits: { cpu: 0 } }]
  const shown = { ...node, relationships: { servers } }
  const host = { reserved: size({ cpu: 50 }), cpu: 400 }
  expect(hasRoomFor(shown, size({ cpu: 200 }), host)).toBe(true)
  expect(hasRoomFor(shown, size({ cpu: 201 }), host)).toBe(false)
  expect(hasRoomFor(shown, size({ cpu: 99_999 }), { ...host, cpu: null })).toBe(true)
})

test('how many more fit is decided by what runs out first', () => {
  expect(howManyFit(host(), size({ memory: 100, disk: 5_000 }))).toBe(2)
  expect(howManyFit(host(), size({ memory: 500 }))).toBe(2)
  expect(howManyFit(host({ reserved: size({ memory: 500 }) }), size({ memory: 500 }))).toBe(1)
  expect(howManyFit(host({ cpu: 300 }), size({ memory: 100, cpu: 100 }))).toBe(3)
  expect(howManyFit(host({ node: { ...node, memory_overallocate: 100 } }), size({ memory: 500 }))).toBe(4)
  expect(howManyFit(host(), noSize)).toBe(Number.POSITIVE_INFINITY)
  expect(hasRoom(host(), noSize)).toBe(true)
})

function host(changes: Partial<Host> = {}): Host {
  return { node, cpu: null, reserved: noSize, ...changes }
}

function size(changes: Partial<Size>): Size {
  return { ...noSize, ...changes }
}
