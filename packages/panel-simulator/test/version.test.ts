import { expect, test } from 'vitest'
import { access, applicationKey, startPanel } from '../src/index.ts'
import { callControl, createCaller } from './caller.ts'

test('panel 1.12 looks a row up before it counts a call', async () => {
  await using panel = await startPanel({ version: '1.12', install: { mode: 'at-once' } })
  const { call, create } = createCaller(panel)
  await create('ord-1')
  const missing = await call('GET', 'servers/99')
  expect(missing).toMatchObject({ status: 404, code: 'NotFoundHttpException' })
  expect(missing.headers.has('x-ratelimit-remaining')).toBe(false)
  const found = await call('GET', 'servers/1')
  expect(found.headers.get('x-ratelimit-remaining')).toBe('238')
  // Looked up in the controller, behind the throttle.
  const external = await call('GET', 'servers/external/nothing')
  expect(external.headers.get('x-ratelimit-remaining')).toBe('237')

  await callControl(panel, 'settings', { version: '1.11' })
  expect((await call('GET', 'servers/99')).headers.get('x-ratelimit-remaining')).toBe('236')
})

test('panel 1.12 does not count the calls of a key whose owner is no administrator', async () => {
  await using panel = await startPanel({ version: '1.12', keys: [applicationKey(2, access.both)] })
  const refused = await createCaller(panel).call('GET', 'servers')
  expect(refused).toMatchObject({ status: 403, code: 'AccessDeniedHttpException' })
  expect(refused.headers.has('x-ratelimit-remaining')).toBe(false)
})

test.each([
  ['1.11', /^\/api\/servers\/[\w-]+\/ws\/deny$/, { jtis: [expect.any(String)] }],
  ['1.12', /^\/api\/deauthorize-user$/, { user: expect.any(String), servers: [expect.any(String)] }],
] as const)('panel %s ends the sessions of a former owner', async (version, path, body) => {
  await using panel = await startPanel({ version, install: { mode: 'at-once' } })
  const { call, create } = createCaller(panel)
  await create('ord-1')
  const details = { name: 'ord-1', external_id: 'ord-1', user: 2, description: '' }
  expect((await call('PATCH', 'servers/1/details', details)).status).toBe(200)
  const { wings, users } = panel.state()
  expect(wings.calls.at(-1)).toMatchObject({
    path: expect.stringMatching(path),
    body: version === '1.12' ? { ...body, user: users.find(({ id }) => id === 1)?.uuid } : body,
  })
  expect((await call('PATCH', 'servers/1/details', details)).status).toBe(200)
  expect(panel.state().wings.calls).toHaveLength(wings.calls.length)
})
