import { expect, test } from 'vitest'
import { access, applicationKey, startPanel } from '../src/index.ts'
import { callControl, createCaller, order, serversOf } from './caller.ts'

test('servers edited by hand are not sent to Wings', async () => {
  await using panel = await startPanel({ install: { mode: 'at-once' } })
  const { create, find } = createCaller(panel)
  await create('ord-1')
  await create('ord-2')
  const before = panel.state().wings.calls.length

  const edited = await callControl(panel, 'changes', {
    servers: [{ id: 1, status: 'suspended', memory: 4096, name: 'by hand', external_id: null }],
    delete: { servers: [2] },
  })
  expect(edited.status).toBe(204)
  expect(panel.state().servers).toMatchObject([
    { external_id: null, name: 'by hand', status: 'suspended', limits: { memory: 4096 } },
  ])
  expect((await find('ord-2')).status).toBe(404)
  expect(panel.state().allocations.filter(({ server }) => server !== null)).toHaveLength(1)
  expect(panel.state().wings.calls).toHaveLength(before)
})

test('a node that is full refuses, and takes servers again once it has grown', async () => {
  await using panel = await startPanel()
  const { create } = createCaller(panel)
  await callControl(panel, 'changes', { nodes: [1, 2, 3].map((id) => ({ id, memory: 512 })) })
  expect(await create('ord-1')).toMatchObject({ status: 400, code: 'NoViableNodeException' })
  await callControl(panel, 'changes', { nodes: [{ id: 2, memory: 2048 }] })
  expect(await create('ord-1')).toMatchObject({ status: 201, body: { attributes: { node: 2 } } })
})

test('a seller adds a location with a node, ports and an egg, and sells there', async () => {
  await using panel = await startPanel()
  await callControl(panel, 'changes', {
    add: {
      locations: [{ id: 9, short: 'ap', long: 'Sydney' }],
      nodes: [{ id: 9, location_id: 9, name: 'syd-1', memory: 2048, disk: 4096 }],
      allocations: [{ id: 900, node_id: 9, ip: '198.51.100.9', port: 25565 }],
      eggs: [
        {
          id: 9,
          nest_id: 1,
          name: 'Mine',
          docker_images: { Mine: 'mine:1' },
          startup: './mine',
          variables: [
            { id: 90, name: 'Slots', env_variable: 'SLOTS', rules: 'required|integer|between:1,10' },
          ],
        },
      ],
    },
  })
  const { create } = createCaller(panel)
  const there = { egg: 9, deploy: { locations: [9], dedicated_ip: true, port_range: ['25565'] } }
  expect(await create('ord-1', { ...there, environment: { SLOTS: '11' } })).toMatchObject({
    status: 422,
    body: { errors: [{ detail: 'The Slots variable must be between 1 and 10.' }] },
  })
  expect(await create('ord-1', { ...there, environment: { SLOTS: '10' } })).toMatchObject({
    status: 201,
    body: { attributes: { allocation: 900, container: { environment: { SLOTS: '10' } } } },
  })
  expect(await create('ord-2', { ...there, environment: { SLOTS: '10' } })).toMatchObject({
    status: 400,
    code: 'NoViableAllocationException',
  })
})

test('an egg with a rule that the simulator does not know is refused when it is added', async () => {
  await using panel = await startPanel()
  const variables = [{ id: 90, name: 'Date', env_variable: 'DATE', rules: 'required|date_format:Y' }]
  const egg = { id: 9, nest_id: 1, name: 'Mine', docker_images: {}, startup: './mine', variables }
  expect(() => panel.change({ add: { eggs: [egg] } })).toThrow('date_format')
})

test('the panel counts its calls by route, and its users by themselves', async () => {
  await using panel = await startPanel({ rateLimitPerMinute: 3 })
  const { call, create, find } = createCaller(panel)
  await create('ord-1')
  await find('ord-1')
  await find('ord-2')
  expect(await call('GET', 'nodes')).toMatchObject({ status: 429, code: 'ThrottleRequestsException' })
  await callControl(panel, 'settings', { rateLimitPerMinute: null })
  expect((await call('GET', 'nodes')).status).toBe(200)
  expect(panel.state().calls).toEqual({
    'POST /api/application/servers': 1,
    'GET /api/application/servers/external/:external': 2,
    'GET /api/application/nodes': 2,
  })
})

test('keys with fewer permissions can be given', async () => {
  const keys = [applicationKey(1, access.read), applicationKey(1, { servers: access.write })]
  await using panel = await startPanel({ keys })
  expect(panel.token).toBe(keys[0]?.token)
  const reader = createCaller(panel)
  expect((await reader.call('GET', 'servers')).status).toBe(200)
  expect((await reader.create('ord-1')).code).toBe('AccessDeniedHttpException')
  const writer = createCaller(panel, keys[1]?.token)
  expect((await writer.call('GET', 'servers')).code).toBe('AccessDeniedHttpException')
  expect((await writer.create('ord-1')).status).toBe(201)
})

test('a route that only the real panel has is answered as not simulated', async () => {
  await using panel = await startPanel()
  expect(await createCaller(panel).call('GET', 'servers/1/databases')).toMatchObject({
    status: 501,
    code: 'NotSimulated',
  })
})

test('a hundred orders at once, each sent twice, make a hundred servers on a hundred ports', async () => {
  await using panel = await startPanel({ rateLimitPerMinute: null })
  const { call } = createCaller(panel)
  const ids = Array.from({ length: 100 }, (_, index) => `ord-${index}`)
  const until = async (id: string): Promise<void> => {
    const { status } = await call('POST', 'servers', order(id, { limits: small }))
    if (status === 500) return until(id)
    expect([201, 422]).toContain(status)
  }
  await Promise.all([...ids, ...ids].map(until))

  expect(
    serversOf(panel)
      .map(({ external_id }) => external_id)
      .sort(),
  ).toEqual(ids.toSorted())
  expect(new Set(panel.state().servers.map(({ allocation }) => allocation)).size).toBe(100)
})

const small = { memory: 1, swap: 0, disk: 1, io: 500, cpu: 1 }

test('a transfer shows the server where it was, with the ports to come, until its nodes are done', async () => {
  await using panel = await startPanel({ install: { mode: 'at-once' } })
  const { create } = createCaller(panel)
  await create('ord-1')
  const [before] = panel.state().servers
  await callControl(panel, 'changes', {
    transfers: [{ server: 1, node: 3, allocation: 101, additional: [102] }],
  })
  expect(panel.state().servers).toEqual([
    { ...before, allocations: [...(before?.allocations ?? []), 101, 102].sort((a, b) => a - b) },
  ])
  await callControl(panel, 'changes', { endTransfers: [{ server: 1, successful: false }] })
  expect(panel.state().servers).toEqual([before])
  await callControl(panel, 'changes', { transfers: [{ server: 1, node: 3, allocation: 101 }] })
  await callControl(panel, 'changes', { endTransfers: [{ server: 1, successful: true }] })
  expect(panel.state().servers).toMatchObject([{ node: 3, allocation: 101, allocations: [101] }])
})
