import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { portChange } from './port-change.ts'

const port = (id: number, number = 25_560 + id) => ({ id, ip: '203.0.113.1', alias: null, port: number })
const query = { variable: 'QUERY_PORT' }
const rcon = { variable: 'RCON_PORT' }

function server(ids: number[], environment: Record<string, string> = {}) {
  const { container } = panelServer()
  return panelServer({
    container: { ...container, environment },
    relationships: { allocations: [port(5), ...ids.map((id) => port(id))] },
  })
}

const none = { before: [], after: [], claimed: [], free: [] }
const ids = (ports: { id: number }[] = []) => ports.map(({ id }) => id)

test('more ports come from the node, on the same ip, and those at an offset first', () => {
  const free = [port(6), port(7), { ...port(1), ip: '203.0.113.2' }]
  const after = [query, { ...rcon, offset: 1 }]
  const change = portChange({ ...none, found: server([]), after, free })
  expect(ids(change?.add)).toEqual([6, 7])
  expect(change).toMatchObject({ remove: [], environment: { RCON_PORT: '25566', QUERY_PORT: '25567' } })
  expect(portChange({ ...none, found: server([]), after, free: [port(7), port(8)] })).toBeNull()
})

test('fewer are taken away, and never what the customer has added', () => {
  const found = server([6, 7, 8], { QUERY_PORT: '25566', RCON_PORT: '25567' })
  const change = portChange({ ...none, found, before: [query, rcon], after: [rcon] })
  expect([ids(change?.keep), ids(change?.add), ids(change?.remove)]).toEqual([[7], [], [6]])
  expect(change?.environment).toEqual({ RCON_PORT: '25567' })
})

test('what the server has already serves another variable', () => {
  const found = server([6], { QUERY_PORT: '25566' })
  const change = portChange({ ...none, found, before: [query], after: [rcon], free: [port(4)] })
  expect(change).toMatchObject({ add: [], remove: [], environment: { RCON_PORT: '25566' } })
})

test('an interrupted change is continued with the ports that it had reserved', () => {
  const added = portChange({ ...none, found: server([6]), after: [query], claimed: [5, 6], free: [port(4)] })
  expect(added).toMatchObject({ add: [], remove: [], environment: { QUERY_PORT: '25566' } })
  const left = portChange({ ...none, found: server([6]), before: [query], claimed: [5, 6] })
  expect(ids(left?.remove)).toEqual([6])
})
