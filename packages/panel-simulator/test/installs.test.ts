import { expect, test } from 'vitest'
import { startPanel } from '../src/index.ts'
import { callControl, createCaller, serversOf } from './caller.ts'
import { eventually } from './eventually.ts'

test('an immediate install has ended before the create is answered, and the response does not show it', async () => {
  await using panel = await startPanel({ install: { mode: 'at-once' } })
  const { create, find } = createCaller(panel)

  expect(await create('ord-1')).toMatchObject({ status: 201, body: { attributes: { status: 'installing' } } })
  expect(await find('ord-1')).toMatchObject({ body: { attributes: { status: null } } })
})

test('installs take their time, fail, or never end, as planned for all or for one', async () => {
  await using panel = await startPanel({ timeScale: 0.01, install: { mode: 'after', ms: 1_000 } })
  const { create } = createCaller(panel)
  await callControl(panel, 'install', { server: 'ord-bad', mode: 'fail', ms: 500 })
  await callControl(panel, 'install', { server: 'ord-stuck', mode: 'never' })
  for (const id of ['ord-1', 'ord-bad', 'ord-stuck']) expect((await create(id)).status).toBe(201)

  await eventually(() =>
    expect(serversOf(panel)).toEqual([
      { external_id: 'ord-1', status: null },
      { external_id: 'ord-bad', status: 'install_failed' },
      { external_id: 'ord-stuck', status: 'installing' },
    ]),
  )
  await callControl(panel, 'install', { server: 'ord-stuck', mode: 'at-once' })
  expect(serversOf(panel).at(-1)).toEqual({ external_id: 'ord-stuck', status: null })
})

test('a test can act as Wings with the token of its node', async () => {
  await using panel = await startPanel({ install: { mode: 'never' } })
  await createCaller(panel).create('ord-1')
  const [server] = panel.state().servers
  const node = panel.state().nodes.find(({ id }) => id === server?.node)

  const report = await fetch(`${panel.url}/api/remote/servers/${server?.uuid}/install`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${node?.daemon_token_id}.${node?.daemon_token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ successful: false, reinstall: false }),
  })
  expect(report.status).toBe(204)
  expect(serversOf(panel)).toEqual([{ external_id: 'ord-1', status: 'install_failed' }])
})

test('the install of a deleted server is not finished', async () => {
  await using panel = await startPanel({ timeScale: 0.01, install: { mode: 'after', ms: 1_000 } })
  const { create, call } = createCaller(panel)
  await create('ord-1')
  expect((await call('DELETE', 'servers/1')).status).toBe(204)
  expect(serversOf(panel)).toEqual([])
})
