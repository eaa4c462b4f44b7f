import { startPanel } from '@spawnpoint/simulators'
import { eventually } from '@spawnpoint/stack'
import { expect, test } from 'vitest'
import { createPanelClient } from '../src/panel/panel-client.ts'
import { nodeAttributes, page } from '../src/panel/resources.ts'

test('calls that are abandoned end as calls that were not answered', async () => {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'hang' } })
  const client = createPanelClient({ url: panel.url, token: async () => panel.token, timeoutMs: 60_000 })
  const listing = client.call('/nodes', page(nodeAttributes)).catch((error: unknown) => error)
  await eventually(() => expect(panel.state().faults).toMatchObject([{ fired: 1 }]))
  client.abandon()
  expect(await listing).toMatchObject({ kind: 'timeout', status: null })
  await expect(client.call('/nodes', page(nodeAttributes))).rejects.toMatchObject({ kind: 'timeout' })
})
