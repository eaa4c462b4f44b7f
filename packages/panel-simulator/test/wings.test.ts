import { expect, test } from 'vitest'
import { startPanel } from '../src/index.ts'
import { callControl, createCaller, serversOf } from './caller.ts'
import { eventually } from './eventually.ts'

test('a server is visible while Wings is silent, and gone afterwards', async () => {
  await using panel = await startPanel({ timeScale: 0.1 })
  await callControl(panel, 'wings', { fault: 'hang', times: 1 })
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

test('a broken node does not affect the others', async () => {
  await using panel = await startPanel()
  await callControl(panel, 'wings', { node: 3, fault: 503 })
  const { create } = createCaller(panel)
  const on = (location: number) => ({
    deploy: { locations: [location], dedicated_ip: false, port_range: [] },
  })

  expect(await create('ord-1', on(2))).toMatchObject({ status: 503, code: 'DaemonConnectionException' })
  expect((await create('ord-1', on(1))).status).toBe(201)
  await callControl(panel, 'wings', { node: 3, fault: null })
  expect((await create('ord-2', on(2))).status).toBe(201)
})

test('a refusal by Wings looks like one by the panel, except for its code', async () => {
  await using panel = await startPanel()
  panel.breakWings({ on: 'create', times: 1, fault: 403 })
  expect(await createCaller(panel).create('ord-1')).toMatchObject({
    status: 403,
    code: 'DaemonConnectionException',
  })
})
