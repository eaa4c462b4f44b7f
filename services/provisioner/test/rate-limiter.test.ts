import { type Panel, startPanel } from '@spawnpoint/panel-simulator'
import { expect, test } from 'vitest'
import { PanelError } from '../src/panel-types/panel-error.ts'
import { createPanelClient, type PanelClient } from '../src/pterodactyl/panel-client.ts'
import { nodeAttributes, page } from '../src/pterodactyl/resources.ts'
import { send } from './send-here.ts'

const nodes = page(nodeAttributes)
// A minute of the panel is two seconds here.
const timeScale = 1 / 30
const windowMs = 60_000 * timeScale

test('two replicas that always have something to ask are never refused', async () => {
  await using panel = await startPanel({ timeScale, rateLimitPerMinute: 240 })
  const replicas = [replica(panel), replica(panel)]
  const endsAt = Date.now() + 4 * windowMs
  const answers = await Promise.all(
    replicas.flatMap((client) => Array.from({ length: 8 }, () => askUntil(client, endsAt))),
  )
  const counts = answers.flat()
  expect(counts.filter((outcome) => outcome === 429)).toEqual([])
  // Of 4 × 240, or fewer on a busy machine.
  expect(counts.filter((outcome) => outcome === 'answered').length).toBeGreaterThan(240)
})

test('after a 429 all calls wait for as long as the panel asked for', async () => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'status', status: 429, retryAfterS: 1 } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 5_000 })
  await expect(client.call('/nodes', nodes)).rejects.toMatchObject({ status: 429 })
  const pausedAt = Date.now()
  await Promise.all([client.call('/nodes', nodes), client.call('/servers', page(nodeAttributes.partial()))])
  expect(Date.now() - pausedAt).toBeGreaterThan(900)
})

test('a pause that is too long fails at once, and nothing is sent', async () => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'status', status: 429, retryAfterS: 57 } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 5_000 })
  await expect(client.call('/nodes', nodes)).rejects.toMatchObject({ status: 429 })
  const { calls } = panel.state()
  const error = await client.call('/nodes', nodes).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ kind: 'not_sent', status: null })
  expect(error instanceof PanelError && error.retryAfterMs).toBeGreaterThan(55_000)
  expect(panel.state().calls).toEqual(calls)
})

test('what finishes paid orders is sent first, and sweeps last', async () => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'status', status: 429, retryAfterS: 1 } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 5_000 })
  await client.call('/nodes', nodes).catch(() => {})
  const served: string[] = []
  const asked = (['sweep', 'normal', 'paid'] as const).map((urgency) =>
    client.call(`/nodes?${urgency}`, nodes, { urgency }).then(() => served.push(urgency)),
  )
  expect(client.state().calls_waiting).toBe(3)
  await Promise.all(asked)
  expect(served).toEqual(['paid', 'normal', 'sweep'])
})

function replica(panel: Panel): PanelClient {
  return createPanelClient({
    url: panel.url,
    token: async () => panel.token,
    send,
    timeoutMs: 5_000,
    timeScale,
  })
}

async function askUntil(client: PanelClient, endsAt: number): Promise<(number | string)[]> {
  const outcomes: (number | string)[] = []
  while (Date.now() < endsAt)
    outcomes.push(
      await client.call('/nodes?per_page=1', nodes).then(
        () => 'answered',
        (error: unknown) => (error instanceof PanelError ? (error.status ?? error.kind) : 'broken'),
      ),
    )
  return outcomes
}
