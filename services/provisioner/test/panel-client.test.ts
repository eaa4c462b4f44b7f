import { type PanelFault, startPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { expect, test } from 'vitest'
import { PanelError } from '../src/panel-types/panel-error.ts'
import { classifyError } from '../src/pterodactyl/classify-error.ts'
import { createPanelClient } from '../src/pterodactyl/panel-client.ts'
import { nodeAttributes, page, panelUser } from '../src/pterodactyl/resources.ts'
import { send } from './send-here.ts'

const nodes = page(nodeAttributes)

test('calls that are abandoned end as calls that were not answered', async () => {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'hang' } })
  const client = createPanelClient({
    url: panel.url,
    token: async () => panel.token,
    send,
    timeoutMs: 60_000,
  })
  const listing = client.call('/nodes', nodes).catch((error: unknown) => error)
  await eventually(() => expect(panel.state().faults).toMatchObject([{ fired: 1 }]))
  client.abandon()
  expect(await listing).toMatchObject({ kind: 'timeout', status: null })
  await expect(client.call('/nodes', nodes)).rejects.toMatchObject({ kind: 'timeout' })
})

test.each(['ptla_TOPSECRET\nnext', 'ptla_TOPSECRETé', 'ptla_TOPSECRET 1'])(
  'a key that no header can hold is quoted nowhere: %j',
  async (token) => {
    await using panel = await startPanel()
    const client = createPanelClient({ url: panel.url, token: async () => token, send, timeoutMs: 2_000 })
    const error = await errorOf(client.call('/nodes', nodes))
    expect(classifyError(error)).toMatchObject({
      class: 'panel_auth',
      message: expect.stringContaining('panel_token'),
    })
    expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain('TOPSECRET')
    expect(client.lastFailure()).toBe(error)
  },
)

test.each(['86400', '1e300', '301'])(
  'a panel that asks for %s s is asked again in five minutes',
  async (seconds) => {
    const error = await answered({ status: 429, headers: { 'retry-after': seconds } })
    expect(error.retryAfterMs).toBe(300_000)
  },
)

test('a redirect is not followed, not even to what would be an answer', async () => {
  await using panel = await startPanel()
  const location = `${panel.url}/api/application/nodes`
  panel.addFault({ when: { times: 1 }, do: { kind: 'respond', status: 302, headers: { location } } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 5_000 })
  const error = await errorOf(client.call('/nodes', nodes))
  expect(error).toMatchObject({ kind: 'not_json', status: 302 })
  expect(panel.state().calls).toEqual({})
})

test('an answer that does not end is not read to its end', async () => {
  const error = await answered({ status: 200, body: `{"data":"${'x'.repeat(17 * 1024 * 1024)}"}` })
  expect(error).toMatchObject({ kind: 'not_json', detail: expect.stringContaining('too long') })
})

test.each(['.', '..'])('there is no user of the external id %s', async (id) => {
  await using panel = await startPanel()
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 2_000 })
  expect(await client.find(`/users/external/${id}`, panelUser)).toBeNull()
  expect(await client.find(`/users/external/${id}?include=servers`, panelUser)).toBeNull()
  expect(panel.state().calls).toEqual({})
})

type Answer = Omit<Extract<PanelFault['do'], { kind: 'respond' }>, 'kind'>

/** What the client makes of such an answer. */
async function answered(answer: Answer): Promise<PanelError> {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'respond', ...answer } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, send, timeoutMs: 5_000 })
  return await errorOf(client.call('/nodes', nodes))
}

async function errorOf(work: Promise<unknown>): Promise<PanelError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof PanelError) return error
  throw new Error('It did not end as the panel’s error', { cause: error })
}
