import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { serverRow } from '../../test/server-row.ts'
import { hasMoved, movedRegion, whereabouts } from './moved.ts'
import { done, installing } from './transitions.ts'

const now = new Date('2026-11-26T12:00:00.000Z')
const port = { id: 5, ip: '203.0.113.1', alias: null, port: 25_565 }
const here = panelServer({ relationships: { allocations: [port] } })
const moved = panelServer({
  node: 3,
  allocation: 9,
  relationships: { allocations: [{ ...port, id: 9, ip: '203.0.113.3' }] },
})
const published = serverRow({
  status: 'provisioned',
  ptero_server_id: 7,
  node_id: 1,
  allocation_id: 5,
  address: '203.0.113.1:25565',
})

test.each([
  ['its node', moved],
  ['its port', panelServer({ relationships: { allocations: [{ ...port, port: 25_566 }] } })],
  ['its ip', panelServer({ relationships: { allocations: [{ ...port, ip: '203.0.113.9' }] } })],
  ['its alias', panelServer({ relationships: { allocations: [{ ...port, alias: 'play.example.com' }] } })],
  [
    'its allocation, whose address is the same',
    panelServer({ allocation: 9, relationships: { allocations: [{ ...port, id: 9 }] } }),
  ],
])('a server of which %s differs is published once more, in the status that it has', (_, found) => {
  for (const status of ['provisioned', 'suspended'] as const) {
    const row = serverRow({ ...published, status, desired: status === 'suspended' ? 'suspended' : 'running' })
    const shown = { ...found, status: status === 'suspended' ? 'suspended' : null }
    expect(done(row, shown, now)).toMatchObject({
      publish: 'moved',
      set: { allocation_id: found.allocation },
    })
  }
})

test('a server that moved while it is being reinstalled is published too, before its old address is forgotten', () => {
  const found = { ...moved, status: 'installing' }
  expect(installing(published, found, { now, timeScale: 1, usualMs: null })).toMatchObject({
    publish: 'moved',
    set: { address: '203.0.113.3:25565', node_id: 3 },
  })
})

test('where it is stays as it was published while its own port is not shown', () => {
  for (const found of [
    panelServer(),
    panelServer({ relationships: { allocations: [{ ...port, id: 8 }] } }),
  ]) {
    expect(hasMoved(published, found)).toBe(false)
    expect(whereabouts(published, found)).toEqual({})
  }
})

test('nothing has moved that is where it was, was never published, or is another server', () => {
  expect(hasMoved(published, here)).toBe(false)
  expect(hasMoved({ ...published, status: 'provisioning' }, moved)).toBe(false)
  expect(hasMoved({ ...published, ptero_server_id: 8 }, moved)).toBe(false)
  // After a recovery the allocation is not known.
  expect(hasMoved({ ...published, allocation_id: null }, here)).toBe(false)
})

test('on another node its region is open until it is looked up', () => {
  expect(whereabouts(published, moved)).toMatchObject({ moved_region: '' })
  expect(whereabouts({ ...published, moved_region: 'us' }, here)).toMatchObject({ moved_region: 'us' })
  expect(whereabouts({ ...published, ptero_server_id: 6, moved_region: 'us' }, here)).toMatchObject({
    moved_region: null,
  })
  expect(movedRegion('eu', ['eu', 'us'])).toBe(null)
  expect(movedRegion('eu', ['us'])).toBe('us')
  expect(movedRegion('eu', [])).toBe('')
  expect(movedRegion('eu', ['asia', 'us'])).toBe('')
})
