import { expect, test } from 'vitest'
import { choosePorts, countPortSets, type ExtraPort, type Port } from './ports.ts'

const query: ExtraPort = { variable: 'QUERY_PORT', offset: 1 }
const rcon: ExtraPort = { variable: 'RCON_PORT' }

test('one port is the lowest that is free', () => {
  expect(numbers(choosePorts(ports(25_570, 25_565, 25_568), []))).toEqual([25_565])
  expect(choosePorts([], [])).toBeNull()
})

test('a port behind another is its neighbour, and any other is what remains below', () => {
  expect(numbers(choosePorts(ports(1, 3, 4, 5), [query]))).toEqual([3, 4])
  expect(numbers(choosePorts(ports(1, 3, 4, 5), [query, rcon]))).toEqual([3, 4, 1])
  expect(numbers(choosePorts(ports(1, 3, 4, 5), [rcon, query]))).toEqual([3, 1, 4])
})

test('a set that is not whole is none', () => {
  expect(choosePorts(ports(1, 3, 5), [query])).toBeNull()
  expect(choosePorts(ports(3, 4), [query, rcon])).toBeNull()
})

test('neighbours on another ip are none', () => {
  const free = [...ports(1), { id: 102, ip: '203.0.113.2', port: 2 }]
  expect(choosePorts(free, [query])).toBeNull()
  expect(choosePorts(free, [rcon])).toBeNull()
})

test('pairs out of a run leave nothing behind', () => {
  expect(countPortSets(ports(1, 2, 3, 4, 5, 6), [query], 10)).toBe(3)
  expect(countPortSets(ports(1, 3, 4, 6, 7, 8), [query], 10)).toBe(2)
  expect(countPortSets(ports(1, 2, 3, 4, 5, 6), [query], 2)).toBe(2)
  expect(countPortSets(ports(1, 2, 3), [], 10)).toBe(3)
})

function ports(...numbers: number[]): Port[] {
  return numbers.map((port) => ({ id: port + 100, ip: '203.0.113.1', port }))
}

function numbers(set: Port[] | null): number[] | undefined {
  return set?.map(({ port }) => port)
}
