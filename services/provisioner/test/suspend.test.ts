import { againAfterRaces } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeAll(async () => {
  seller = await openSeller()
})

afterEach(() => {
  seller.panel.removeFaults()
  seller.panel.planInstalls({ mode: 'at-once' })
})

afterAll(() => seller[Symbol.asyncDispose]())

test('the server of a suspended order is suspended on the panel, and runs again once it is resumed', async () => {
  await bought('o-1')
  await suspend('o-1', 3)
  await seller.becomes('o-1', 'suspended')
  expect(seller.onPanel('o-1')).toMatchObject([{ status: 'suspended' }])
  await resume('o-1', 4)
  await seller.provisioned('o-1')
  expect(await seller.publishedFor('o-1')).toEqual([
    'server.provisioning',
    'server.provisioned',
    'server.suspended',
    'server.resumed',
  ])
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ status: 'provisioned', plan: 'small' })
})

test('it is not suspended while it is installed, and a failed suspension does not make it ready', async () => {
  seller.panel.planInstalls({ mode: 'never' })
  await seller.sell(paidOrder('o-2'))
  await seller.becomes('o-2', 'provisioning')
  const asked = suspensions()
  seller.panel.breakWings({ on: 'sync', fault: 'refused' })
  await suspend('o-2', 3)
  await looked('o-2')
  expect(suspensions()).toBe(asked)
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-2')
  await eventually(async () =>
    expect(await seller.serverOf('o-2')).toMatchObject({ errorClass: 'node_unreachable' }),
  )
  expect(seller.onPanel('o-2')).toMatchObject([{ status: null }])
  seller.panel.healWings()
  await seller.becomes('o-2', 'suspended')
  expect(await seller.publishedFor('o-2')).toEqual(['server.provisioning', 'server.suspended'])
  await resume('o-2', 4)
  await seller.provisioned('o-2')
})

test('an unanswered suspension is detected', async () => {
  await bought('o-3')
  seller.panel.addFault({ when: { path: '/suspend$', times: 1 }, do: { kind: 'lost-response' } })
  await suspend('o-3', 3)
  await seller.becomes('o-3', 'suspended')
})

test('a suspension that the panel carries out after the order was resumed is undone', async () => {
  const { id } = await bought('o-4')
  seller.panel.addFault({ when: { path: '/suspend$', times: 1 }, do: { kind: 'hang' } })
  await suspend('o-4', 3)
  await seller.becomes('o-4', 'suspended')
  await resume('o-4', 4)
  await seller.becomes('o-4', 'provisioned')
  const resumed = unsuspensions()
  await seller.byHand('POST', `/servers/${id}/suspend`)
  await eventually(() => expect(unsuspensions()).toBe(resumed + 1), { timeoutMs: 15_000 })
  await eventually(() => expect(seller.onPanel('o-4')).toMatchObject([{ status: null }]))
  await eventually(async () => expect(await seller.serverOf('o-4')).toMatchObject({ nextAttemptAt: null }))
  expect(await seller.publishedFor('o-4')).toEqual([
    'server.provisioning',
    'server.provisioned',
    'server.suspended',
    'server.resumed',
  ])
})

test('a reinstall by hand does not revive a suspended server', async () => {
  const { id } = await bought('o-5')
  await suspend('o-5', 3)
  await seller.becomes('o-5', 'suspended')
  await seller.byHand('POST', `/servers/${id}/reinstall`)
  expect(seller.onPanel('o-5')).toMatchObject([{ status: null }])
  await seller.sell(
    paidOrder('o-5', { version: 4, desired: 'suspended', server_name: 'Castle' }),
    'order.changed',
  )
  await eventually(() =>
    expect(seller.onPanel('o-5')).toMatchObject([{ status: 'suspended', name: 'Castle' }]),
  )
})

test('a backup that is restored is waited for, with few calls, and says so', async () => {
  await bought('o-8')
  const id = seller.onPanel('o-8')[0]?.id ?? 0
  seller.panel.change({ servers: [{ id, status: 'restoring_backup' }] })
  await suspend('o-8', 3)
  await eventually(async () =>
    expect(await seller.serverOf('o-8')).toMatchObject({
      errorClass: 'restoring_backup',
      errorMessage: expect.stringContaining('after that'),
    }),
  )
  expect(seller.onPanel('o-8')).toMatchObject([{ status: 'restoring_backup' }])
  seller.panel.change({ servers: [{ id, status: null }] })
  await seller.becomes('o-8', 'suspended')
  expect(seller.onPanel('o-8')).toMatchObject([{ status: 'suspended' }])
})

test('an install that somebody began on the panel and that never ends is told after an hour', async () => {
  await bought('o-9')
  const id = seller.onPanel('o-9')[0]?.id ?? 0
  seller.panel.change({ servers: [{ id, status: 'installing' }] })
  await suspend('o-9', 3)
  const hourAgo = new Date(Date.now() - 3_600_000)
  await eventually(async () => expect((await seller.serverOf('o-9')).installingSince).not.toBeNull())
  await againAfterRaces(() =>
    seller.prisma.server.update({
      where: { orderId: 'o-9' },
      data: { installingSince: hourAgo, nextAttemptAt: new Date(0), leaseToken: null },
    }),
  )
  await eventually(async () =>
    expect(await seller.serverOf('o-9')).toMatchObject({
      errorClass: 'install_timeout',
      status: 'provisioned',
    }),
  )
  seller.panel.change({ servers: [{ id, status: null }] })
  await seller.becomes('o-9', 'suspended')
})

test('what is suspended before it was made is made once it is resumed', async () => {
  seller.panel.addFault({ when: { path: '/servers/external/o-6' }, do: { kind: 'refused' } })
  await seller.sell(paidOrder('o-6'))
  await eventually(() => seller.serverOf('o-6'))
  await suspend('o-6', 3)
  seller.panel.removeFaults()
  await seller.becomes('o-6', 'suspended')
  expect((await seller.statesOf('o-6')).at(-1)).toMatchObject({ status: 'suspended', ptero_server_id: null })
  await resume('o-6', 4)
  await seller.provisioned('o-6')
})

test('a server suspended by an administrator is left to a person', async () => {
  const { id } = await bought('o-7')
  await seller.byHand('POST', `/servers/${id}/suspend`)
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-7' })
  await seller.becomes('o-7', 'failed')
  expect(await seller.serverOf('o-7')).toMatchObject({ errorClass: 'suspended_on_panel' })
  expect(seller.onPanel('o-7')).toMatchObject([{ status: 'suspended' }])
})

async function bought(orderId: string) {
  seller.panel.planInstalls({ mode: 'at-once' })
  await seller.sell(paidOrder(orderId))
  await seller.provisioned(orderId)
  const [server] = seller.onPanel(orderId)
  if (!server) throw new Error(`Nothing was made for ${orderId}`)
  return server
}

function suspend(orderId: string, version: number): Promise<void> {
  return seller.sell(paidOrder(orderId, { version, desired: 'suspended' }), 'order.suspended')
}

function resume(orderId: string, version: number): Promise<void> {
  return seller.sell(paidOrder(orderId, { version }), 'order.resumed')
}

/** Twice more than so far. */
async function looked(orderId: string): Promise<void> {
  const count = () => seller.calls(/GET .*servers(\/external.*)?$/)
  await eventually(async () => expect(await seller.serverOf(orderId)).toMatchObject({ desired: 'suspended' }))
  const before = count()
  await eventually(() => expect(count()).toBeGreaterThanOrEqual(before + 2))
}

function suspensions(): number {
  return seller.calls(/\/suspend$/)
}

function unsuspensions(): number {
  return seller.calls(/\/unsuspend$/)
}
