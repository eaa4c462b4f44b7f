import { type Panel, startPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { createPollServer } from '../src/panels/poll-server.ts'
import { createPterodactyl } from '../src/pterodactyl/pterodactyl.ts'
import { openSeller, paidOrder, type Seller } from './seller.ts'
import { send } from './send-here.ts'

let seller: Seller | undefined

afterEach(() => seller?.[Symbol.asyncDispose]())

test('servers that are installed at the same time are polled together', async () => {
  seller = await openSeller({ install: { mode: 'after', ms: 100_000 } })
  const ids = Array.from({ length: 12 }, (_, index) => `o-${index}`)
  for (const id of ids) await seller.sell(paidOrder(id))
  for (const id of ids) await seller.becomes(id, 'provisioning', 20_000)
  for (const id of ids) await seller.provisioned(id, 20_000)
  const { calls } = seller.panel.state()
  const [alone = 0, together = 0] = [
    calls['GET /api/application/servers/external/:external'],
    calls['GET /api/application/servers'],
  ]
  expect(together).toBeGreaterThan(0)
  // Before each create and after it.
  expect(alone).toBeLessThanOrEqual(3 * ids.length)
})

test('an id matches only as a whole, and one that a filter cannot carry needs its own request', async () => {
  await using panel = await startPanel()
  const { poll } = createPollServer(pterodactyl(panel), { timeScale: 0.01 })
  expect(await Promise.all(['o-1', 'o', '-', 'O-1'].map(poll))).toEqual([null, null, null, null])
  const { calls } = panel.state()
  expect(await Promise.all(['a,b', 'a b', 'a/b', ''].map(poll))).toEqual([null, null, null, null])
  expect(panel.state().calls).toEqual(calls)
})

test('a failed page fails for all of its callers, and the next page is requested', async () => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'status', status: 500 } })
  const { poll } = createPollServer(pterodactyl(panel), { timeScale: 0.01 })
  await expect(poll('o-1')).rejects.toMatchObject({ status: 500 })
  await eventually(async () => expect(await poll('o-1')).toBeNull())
})

function pterodactyl({ url, token }: Panel) {
  return createPterodactyl({ panel: 'main', url, token: async () => token, send, timeoutMs: 5_000 })
}

test('a server whose install ends is seen on the page of another, and not asked for again', async () => {
  await using panel = await startPanel({ timeScale: 0.01, install: { mode: 'never' } })
  const { poll, whenInstalled } = createPollServer(pterodactyl(panel), { timeScale: 0.01 })
  const told: string[] = []
  whenInstalled((ids) => void told.push(...ids))
  for (const id of ['o-1', 'o-2']) await makeServer(panel, id)
  expect(await Promise.all([poll('o-1'), poll('o-2')])).toMatchObject([
    { status: 'installing' },
    { status: 'installing' },
  ])
  panel.planInstalls({ mode: 'at-once' }, 'o-1')
  expect(await poll('o-2')).toMatchObject({ status: 'installing' })
  expect(told).toEqual(['o-1'])
  const { calls } = panel.state()
  expect(await poll('o-1')).toMatchObject({ external_id: 'o-1', status: null })
  expect(panel.state().calls).toEqual(calls)
})

test('how long installs of an egg take is known from the first one that ended, and no longer than the next', async () => {
  await using panel = await startPanel({ timeScale: 0.01, install: { mode: 'never' } })
  const installs = createPollServer(pterodactyl(panel), { timeScale: 0.01 })
  for (const id of ['o-1', 'o-2']) {
    await makeServer(panel, id)
    installs.began(id, 1)
  }
  await installs.poll('o-1')
  expect(installs.usualMs(1)).toBeNull()
  panel.planInstalls({ mode: 'at-once' }, 'o-1')
  await installs.poll('o-1')
  const first = installs.usualMs(1) ?? Number.NaN
  expect(first).toBeGreaterThan(0)
  panel.planInstalls({ mode: 'at-once' }, 'o-2')
  await installs.poll('o-2')
  expect(installs.usualMs(1)).toBeLessThan(first)
  expect(installs.usualMs(2)).toBeNull()
})

async function makeServer({ url, token }: Panel, external_id: string): Promise<void> {
  const allocation = { default: external_id === 'o-1' ? 1 : 2 }
  const answer = await fetch(`${url}/api/application/servers`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      external_id,
      name: external_id,
      user: 1,
      egg: 1,
      docker_image: 'ghcr.io/pterodactyl/yolks:java_21',
      startup: 'java -jar {{SERVER_JARFILE}}',
      environment: { SERVER_JARFILE: 'server.jar', BUILD_NUMBER: 'latest' },
      limits: { memory: 1_024, swap: 0, disk: 2_048, io: 500, cpu: 100 },
      feature_limits: { databases: 0, allocations: 0, backups: 0 },
      allocation,
    }),
  })
  expect(answer.status).toBe(201)
}
