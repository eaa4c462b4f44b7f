import { expect, test } from 'vitest'
import { startPanel } from '../src/index.ts'
import { createCaller, serversOf, tell } from './caller.ts'
import { eventually } from './eventually.ts'

test('while Wings is silent the server is there for everybody, and then it is gone', async () => {
  await using panel = await startPanel({ timeScale: 0.1 })
  await tell(panel, 'wings', { fault: 'hang', times: 1 })
  const { create, find } = createCaller(panel)

  const creating = create('ord-1')
  await eventually(() => expect(serversOf(panel)).toHaveLength(1))
  expect(await find('ord-1')).toMatchObject({ status: 200, body: { attributes: { status: 'installing' } } })
  expect((await create('ord-1')).status).toBe(422)

  expect(await creating).toMatchObject({ status: 504, code: 'DaemonConnectionException' })
  expect((await find('ord-1')).status).toBe(404)
  expect(panel.state().allocations.filter(({ server }) => server !== null)).toEqual([])
  expect(panel.state().wings.calls.map(({ method }) => method)).toEqual(['POST', 'DELETE'])
})

test('a broken node leaves the others alone, until it is healed', async () => {
  await using panel = await startPanel()
  await tell(panel, 'wings', { node: 3, fault: 503 })
  const { create } = createCaller(panel)
  const on = (location: number) => ({
    deploy: { locations: [location], dedicated_ip: false, port_range: [] },
  })

  expect(await create('ord-1', on(2))).toMatchObject({ status: 503, code: 'DaemonConnectionException' })
  expect((await create('ord-1', on(1))).status).toBe(201)
  await tell(panel, 'wings', { node: 3, fault: null })
  expect((await create('ord-2', on(2))).status).toBe(201)
})

test('what Wings refuses looks like the panel refusing, but for its code', async () => {
  await using panel = await startPanel()
  panel.breakWings({ on: 'create', times: 1, fault: 403 })
  expect(await createCaller(panel).create('ord-1')).toMatchObject({
    status: 403,
    code: 'DaemonConnectionException',
  })
})
