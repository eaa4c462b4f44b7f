import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeAll(async () => {
  seller = await openSeller()
})

afterAll(() => seller[Symbol.asyncDispose]())

test('a failed install is retried, and nothing is published when it then succeeds', async () => {
  const before = reinstalls()
  seller.panel.planInstalls({ mode: 'fail', ms: 10, times: 1 }, 'o-1')
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(reinstalls() - before).toBe(1)
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.provisioned'])
})

test('an install that keeps failing is left to a person after three attempts, and provisioning by hand allows three more', async () => {
  seller.panel.planInstalls({ mode: 'fail', ms: 10 }, 'o-2')
  const before = reinstalls()
  await seller.sell(paidOrder('o-2'))
  await seller.becomes('o-2', 'failed')
  expect(await seller.serverOf('o-2')).toMatchObject({ errorClass: 'install_failed', reinstalls: 2 })
  expect(reinstalls() - before).toBe(2)
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-2' })
  await eventually(() => expect(reinstalls() - before).toBe(4))
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-2')
})

test('a node that cannot install now is asked again, which is not counted as a try', async () => {
  seller.panel.planInstalls({ mode: 'fail', ms: 10 }, 'o-3')
  seller.panel.breakWings({ on: 'reinstall', fault: 409 })
  await seller.sell(paidOrder('o-3'))
  await eventually(async () => expect((await seller.serverOf('o-3')).attempts).toBeGreaterThan(3))
  expect(await seller.serverOf('o-3')).toMatchObject({ reinstalls: 0, errorClass: 'node_unreachable' })
  seller.panel.healWings()
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-3')
  await seller.provisioned('o-3')
})

test('a server that a customer may have played on is never reinstalled automatically', async () => {
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-4')
  await seller.sell(paidOrder('o-4'))
  await seller.provisioned('o-4')
  const [server] = seller.onPanel('o-4')
  const before = reinstalls()
  // A late report of a node, as the panel takes it.
  seller.panel.change({ servers: [{ id: server?.id ?? 0, status: 'install_failed' }] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-4' })
  await seller.becomes('o-4', 'failed')
  expect(await seller.serverOf('o-4')).toMatchObject({ errorClass: 'install_failed' })
  expect(reinstalls()).toBe(before)
})

function reinstalls(): number {
  return seller.calls(/\/reinstall$/)
}
