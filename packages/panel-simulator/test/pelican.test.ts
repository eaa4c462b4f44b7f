import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Panel, startPanel } from '../src/index.ts'
import { createCaller, order } from './caller.ts'

const { keys } = JSON.parse(
  readFileSync(new URL('../recorded/pelican-keys.json', import.meta.url), 'utf8'),
) as { keys: Record<string, string[]> }

let panel: Panel
let caller: ReturnType<typeof createCaller>

beforeEach(async () => {
  panel = await startPanel({ kind: 'pelican', install: { mode: 'at-once' } })
  caller = createCaller(panel)
})

afterEach(() => panel[Symbol.asyncDispose]())

const { deploy, ...body } = order('ord-1', { allocation: { default: 1, additional: [2] } })

test('its resources have the keys of its own snapshots', async () => {
  await create()
  const server = await attributesOf('servers/1?include=user,node,egg,allocations')
  const { relationships, ...own } = server
  const related = relationships as Record<string, { attributes: Record<string, unknown> }>
  expect(keysOf(own)).toEqual(keys.server)
  for (const part of ['limits', 'container', 'feature_limits'])
    expect(keysOf(own[part]), part).toEqual(keys[`server.${part}`])
  expect(keysOf(related.user?.attributes)).toEqual(keys.user)
  expect(keysOf(related.node?.attributes)).toEqual(keys.node)
  expect(keysOf(related.node?.attributes.allocated_resources)).toEqual(keys['node.allocated_resources'])
  expect(keysOf(related.egg?.attributes)).toEqual(keys.egg)
  const egg = (await attributesOf('eggs/1?include=variables')) as {
    relationships: { variables: { data: { attributes: { rules: string[] } }[] } }
  }
  const [variable] = egg.relationships.variables.data
  expect(keysOf(variable?.attributes)).toEqual(keys.egg_variable)
  expect(variable?.attributes.rules).toEqual(['nullable', 'string', 'max:20'])
})

test('it has eggs of their own, and neither nests nor locations', async () => {
  expect(await caller.call('GET', 'eggs')).toMatchObject({ status: 200, body: { object: 'list' } })
  for (const path of ['nests', 'locations'])
    expect(await caller.call('GET', path)).toMatchObject({ status: 404, code: 'NotFoundHttpException' })
  await using pterodactyl = await startPanel()
  expect(await createCaller(pterodactyl).call('GET', 'eggs')).toMatchObject({ status: 404 })
})

test('oom_killer counts, oom_disabled does not, and image and startup come from the egg', async () => {
  const { docker_image, startup, ...without } = body
  await caller.call('POST', 'servers', { ...without, oom_killer: true, oom_disabled: true })
  expect(panel.state().servers).toMatchObject([
    { limits: { oom_disabled: false }, container: { image: docker_image } },
  ])
  const build = { feature_limits: body.feature_limits, limits: { ...body.limits, threads: null } }
  expect(await caller.call('PATCH', 'servers/1/build', build)).toMatchObject({
    status: 500,
    code: 'ErrorException',
  })
  const changed = await caller.call('PATCH', 'servers/1/build', {
    ...build,
    allocation: 1,
    oom_killer: false,
  })
  expect(changed).toMatchObject({ status: 200, body: { attributes: { limits: { oom_killer: false } } } })
})

test('a server whose node does not answer is gone, one that it refused stays and is never installed', async () => {
  panel.breakWings({ on: 'create', fault: 'refused', times: 1 })
  expect(await create()).toMatchObject({ status: 500, code: 'ConnectionException' })
  expect(panel.state().servers).toEqual([])
  panel.breakWings({ on: 'create', fault: 500, times: 1 })
  expect(await create()).toMatchObject({ status: 500, code: 'RequestException' })
  expect(panel.state().servers).toMatchObject([{ external_id: 'ord-1', status: 'installing' }])
})

test('a new status is kept whatever its node says', async () => {
  await create()
  panel.breakWings({ on: 'sync', fault: 'refused' })
  expect(await caller.call('POST', 'servers/2/suspend')).toMatchObject({ status: 404 })
  expect(await caller.call('POST', 'servers/1/suspend')).toMatchObject({ code: 'ConnectionException' })
  expect(panel.state().servers).toMatchObject([{ status: 'suspended' }])
  expect(await caller.call('POST', 'servers/1/suspend')).toMatchObject({ status: 204 })
})

test('a server is deleted whatever its node answers, and kept where it does not', async () => {
  await create()
  panel.breakWings({ on: 'delete', fault: 'refused', times: 1 })
  expect(await caller.call('DELETE', 'servers/1')).toMatchObject({ code: 'ConnectionException' })
  panel.breakWings({ on: 'delete', fault: 500, times: 1 })
  expect(await caller.call('DELETE', 'servers/1')).toMatchObject({ status: 204 })
  expect(panel.state().servers).toEqual([])
})

test('a user needs no names, and 256 calls a minute are accepted', async () => {
  const made = await caller.call('POST', 'users', { email: 'a@example.com', username: 'a b' })
  expect(made).toMatchObject({ status: 201, body: { attributes: { username: 'a b', root_admin: false } } })
  expect(made.headers.get('x-ratelimit-limit')).toBe('256')
})

function create() {
  return caller.call('POST', 'servers', body)
}

async function attributesOf(path: string): Promise<Record<string, unknown>> {
  const answer = await caller.call('GET', path)
  expect(answer.status).toBe(200)
  return (answer.body as { attributes: Record<string, unknown> }).attributes
}

function keysOf(value: unknown): string[] {
  return Object.keys(Object(value)).sort()
}
