import { expect, test } from 'vitest'
import { startPanel } from '../src/index.ts'
import { callControl, createCaller, order, serversOf } from './caller.ts'
import { eventually } from './eventually.ts'

test('a create answered 504 has made its server', async () => {
  await using panel = await startPanel()
  await callControl(panel, 'faults', {
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'created-then-504' },
  })
  const { create } = createCaller(panel)

  const lost = await create('ord-1')
  expect(lost).toMatchObject({ status: 504, code: undefined })
  expect(lost.body).toContain('504 Gateway Time-out')
  expect(serversOf(panel)).toEqual([{ external_id: 'ord-1', status: 'installing' }])
  expect((await create('ord-1')).status).toBe(422)
  expect(panel.state().faults).toMatchObject([{ id: 'fault_1', fired: 1 }])
})

test('a response that was lost leaves the caller without an answer, and the panel with a server', async () => {
  await using panel = await startPanel()
  panel.addFault({ when: { path: '/servers$' }, do: { kind: 'lost-response' } })

  await expect(createCaller(panel).create('ord-1')).rejects.toThrow()
  expect(serversOf(panel)).toHaveLength(1)
})

test('a refused connection has done nothing', async () => {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'refused' } })

  await expect(createCaller(panel).create('ord-1')).rejects.toThrow()
  expect(serversOf(panel)).toHaveLength(0)
})

test.each([
  { work: false, servers: 0 },
  { work: true, servers: 1 },
])('a hanging create with work $work leaves $servers servers', async ({ work, servers }) => {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'hang', work } })
  const gaveUp = new AbortController()
  const calling = createCaller(panel).call('POST', 'servers', order('ord-1'), gaveUp.signal)

  await eventually(() => {
    expect(panel.state().faults).toMatchObject([{ fired: 1 }])
    expect(serversOf(panel)).toHaveLength(servers)
  })
  gaveUp.abort()
  await expect(calling).rejects.toThrow()
  expect(serversOf(panel)).toHaveLength(servers)
})

test.each([
  { status: 401, code: 'AuthenticationException' },
  { status: 403, code: 'AccessDeniedHttpException' },
  { status: 404, code: 'NotFoundHttpException' },
  { status: 429, code: 'ThrottleRequestsException' },
  { status: 500, code: 'QueryException' },
  { status: 503, code: 'HttpException' },
  { status: 504, code: 'DaemonConnectionException' },
])('a fault of status $status answers as the panel would', async ({ status, code }) => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'status', status } })
  const { find } = createCaller(panel)

  const failed = await find('ord-1')
  expect(failed).toMatchObject({ status, code })
  expect(failed.headers.has('retry-after')).toBe(status === 429)
  expect(await find('ord-1')).toMatchObject({ status: 404, code: 'NotFoundHttpException' })
})

test('any response can replace the real one', async () => {
  await using panel = await startPanel()
  panel.addFault({
    do: {
      kind: 'respond',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Checking your browser',
    },
  })
  expect(await createCaller(panel).find('ord-1')).toMatchObject({
    status: 200,
    body: '<html>Checking your browser',
  })
})

test('a fault may be slow, rare, and removed', async () => {
  await using panel = await startPanel({ random: () => 0.5, timeScale: 0.01 })
  const { find } = createCaller(panel)
  const rare = panel.addFault({ when: { chance: 0.5 }, do: { kind: 'status', status: 500 } })
  expect((await find('ord-1')).status).toBe(404)

  const slow = panel.addFault({ do: { kind: 'slow', ms: 5_000 } })
  const started = performance.now()
  expect((await find('ord-1')).status).toBe(404)
  expect(performance.now() - started).toBeGreaterThan(45)

  expect(await (await callControl(panel, `faults/${slow}`, undefined, 'DELETE')).json()).toEqual({
    removed: 1,
  })
  expect(panel.removeFaults()).toBe(1)
  expect(panel.state().faults).toMatchObject([
    { id: rare, fired: 0, removed: true },
    { id: slow, fired: 1, removed: true },
  ])
})

test('an invalid fault is refused with a readable message', async () => {
  await using panel = await startPanel()
  const answered = await callControl(panel, 'faults', { do: { kind: 'explode' } })
  expect(answered.status).toBe(400)
  expect(await answered.json()).toMatchObject({ error: expect.stringContaining('kind') })
  expect((await callControl(panel, 'faults', { when: { path: '(' }, do: { kind: 'refused' } })).status).toBe(
    400,
  )
})
