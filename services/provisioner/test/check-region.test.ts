import { checkRegion } from '@spawnpoint/contracts'
import { ask, connectNats, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller
let nats: Nats

beforeAll(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  const log = createLogger({ service: 'test', level: 'silent' })
  nats = connectNats({ url: seller.natsUrl, name: 'test', log })
  await seller.send('PUT', '/admin/region-nodes/us', { nodes: [3] })
  await seller.send('PUT', '/admin/region-nodes/far', { nodes: [3] })
  await seller.prisma.region.update({ where: { region: 'far' }, data: { panelId: 'fra' } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => expect(await seller.publishedFor('o-1')).toContain('server.provisioned'))
})

afterAll(async () => {
  await nats?.close()
  await seller?.[Symbol.asyncDispose]()
})

test('a server is in another region once it was transferred to a node of it on the panel', async () => {
  const id = seller.onPanel('o-1')[0]?.id ?? 0
  expect(await checked('us')).toMatchObject({
    problem: {
      class: 'transfer_on_panel',
      message: expect.stringMatching(/is on node [12], .*do that on the panel, to node 3 \(Admin/),
    },
  })
  expect(await checked('eu')).toEqual({ problem: null })
  seller.panel.change({ transfers: [{ server: id, node: 3, allocation: 101 }] })
  expect(await checked('us')).toMatchObject({ problem: { class: 'transfer_on_panel' } })
  seller.panel.change({ endTransfers: [{ server: id, successful: true }] })
  expect(await checked('us')).toEqual({ problem: null })
})

test('what no transfer leads to says so', async () => {
  expect(await checked('far')).toMatchObject({
    problem: { class: 'region_on_other_panel', message: expect.stringContaining('on the panel fra') },
  })
  expect(await checked('nowhere')).toMatchObject({ problem: { class: 'region_without_nodes' } })
  expect(await checked('us', 'o-9')).toMatchObject({ problem: { class: 'server_unknown' } })
  seller.panel.addFault({ when: { path: '/servers' }, do: { kind: 'status', status: 500 } })
  await expect(checked('us')).rejects.toMatchObject({ code: 'panel_away' })
})

function checked(region: string, order_id = 'o-1') {
  return ask({ nats, contract: checkRegion, request: { order_id, region }, timeoutMs: 10_000 })
}
