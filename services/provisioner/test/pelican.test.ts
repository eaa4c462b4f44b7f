import { eventually } from '@spawnpoint/stack'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeAll(async () => {
  seller = await openSeller({ kind: 'pelican' })
})

afterEach(() => {
  seller.panel.removeFaults()
  seller.panel.healWings()
})

afterAll(() => seller[Symbol.asyncDispose]())

test('a server is sold, grows, is suspended, resumed and deleted', async () => {
  await seller.send('PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 4096, swap: 0, disk: 20480, io: 500, cpu: 200 },
    ports: [{ variable: 'QUERY_PORT' }],
    environment: {},
  })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const [made] = seller.onPanel('o-1')
  expect(made).toMatchObject({
    limits: { memory: 2048, oom_disabled: false },
    allocations: [made?.allocation],
  })
  await seller.sell(paidOrder('o-1', { version: 3, plan: 'large' }))
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ limits: { memory: 4096 } }]))
  expect(seller.onPanel('o-1')[0]?.allocations).toHaveLength(2)
  await order('o-1', 4, { desired: 'suspended' })
  await seller.becomes('o-1', 'suspended')
  await order('o-1', 5, { plan: 'large' })
  await seller.provisioned('o-1')
  await order('o-1', 6, { status: 'terminated', desired: 'terminated' })
  await seller.becomes('o-1', 'terminated')
  expect(seller.onPanel('o-1')).toEqual([])
})

test('a customer who is known gets another server, an unknown one with an account is found by it', async () => {
  const customer = { id: 'c-1', email: 'c-1@example.com', name: 'Alex Example' }
  await seller.sell(paidOrder('o-2', { customer }))
  await seller.sell(paidOrder('o-3', { customer }))
  await seller.provisioned('o-2')
  await seller.provisioned('o-3')
  const users = seller.panel.state().users.filter(({ external_id }) => external_id === 'c-1')
  expect(users).toMatchObject([{ email: 'c-1@example.com' }])
  expect([...seller.onPanel('o-2'), ...seller.onPanel('o-3')].map(({ user }) => user)).toEqual([
    users[0]?.id,
    users[0]?.id,
  ])
})

test('a server that its node refused does not stay behind, and is created again', async () => {
  seller.panel.breakWings({ on: 'create', fault: 500, times: 1 })
  await seller.sell(paidOrder('o-4'))
  await seller.provisioned('o-4')
  expect(seller.onPanel('o-4')).toHaveLength(1)
  expect(await seller.serverOf('o-4')).toMatchObject({ status: 'provisioned', reinstalls: 0 })
})

test('a create that its node did not answer is sent again', async () => {
  seller.panel.breakWings({ on: 'create', fault: 'refused', times: 1 })
  await seller.sell(paidOrder('o-5'))
  await seller.provisioned('o-5')
  expect(seller.onPanel('o-5')).toHaveLength(1)
})

test.each(['refused', 500] as const)(
  'a suspension that did not reach its node (%s) is sent until it does, and so is its end',
  async (fault) => {
    const id = `o-${fault}`
    await seller.sell(paidOrder(id))
    await seller.provisioned(id)
    seller.panel.breakWings({ on: 'sync', fault })
    await order(id, 3, { desired: 'suspended' })
    await eventually(async () =>
      expect(await seller.serverOf(id)).toMatchObject({ errorClass: 'node_unreachable' }),
    )
    expect(seller.onPanel(id)).toMatchObject([{ status: null }])
    seller.panel.healWings()
    await seller.becomes(id, 'suspended')
    expect(lastSync(id)).toEqual({ status: 204 })
    seller.panel.breakWings({ on: 'sync', fault })
    await order(id, 4)
    await eventually(async () =>
      expect(await seller.serverOf(id)).toMatchObject({ errorClass: 'node_unreachable' }),
    )
    expect(seller.onPanel(id)).toMatchObject([{ status: 'suspended' }])
    seller.panel.healWings()
    await seller.provisioned(id)
    expect(lastSync(id)).toEqual({ status: 204 })
  },
)

test('a server on a node that does not answer is deleted once it does', async () => {
  await seller.sell(paidOrder('o-6'))
  await seller.provisioned('o-6')
  seller.panel.breakWings({ on: 'delete', fault: 'refused' })
  await order('o-6', 3, { status: 'terminated', desired: 'terminated' })
  await eventually(async () =>
    expect(await seller.serverOf('o-6')).toMatchObject({ errorClass: 'node_unreachable' }),
  )
  expect(seller.onPanel('o-6')).toHaveLength(1)
  seller.panel.healWings()
  await seller.becomes('o-6', 'terminated')
  expect(seller.onPanel('o-6')).toEqual([])
})

test('its key is checked', async () => {
  const checked = await seller.send('POST', '/admin/panel/check')
  expect(await checked.json()).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ level: 'ok', what: 'rights' })]),
  })
})

function order(id: string, version: number, changes: Parameters<typeof paidOrder>[1] = {}) {
  return seller.sell(paidOrder(id, { version, ...changes }))
}

function lastSync(id: string) {
  const [server] = seller.onPanel(id)
  const path = `/api/servers/${server?.uuid}/sync`
  return seller.panel.state().wings.calls.findLast((call) => call.path === path)?.answer
}
