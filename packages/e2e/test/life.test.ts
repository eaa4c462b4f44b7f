import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.03 })
  await shop.send('order', 'PUT', '/admin/plans/large', { name: 'Large', amount: 1999, currency: 'eur' })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/large', {
    ptero_egg_id: 1,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 200 },
  })
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('a server is bought, suspended, resumed, resized, renamed and ended, and stays the same one to its end', async () => {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  const [bought] = shop.serversOf(id)
  expect(bought).toMatchObject({ status: null, name: 'Home', limits: { memory: 1024 } })

  await shop.instruct(id, 'suspend')
  await shop.becomes(id, 'suspended')
  expect(shop.serversOf(id)).toMatchObject([{ status: 'suspended' }])

  await shop.instruct(id, 'resume')
  await shop.becomes(id, 'provisioned')
  expect(shop.serversOf(id)).toMatchObject([{ status: null }])

  await shop.instruct(id, 'change-plan', { plan: 'large' })
  await eventually(() =>
    expect(shop.serversOf(id)).toMatchObject([{ limits: { memory: 2048, disk: 10240 } }]),
  )

  const customer = { email: 'friend@example.com', name: 'A Friend' }
  await shop.instruct(id, 'rename', { server_name: 'Castle' })
  await shop.instruct(id, 'change-owner', { customer })
  await eventually(() => expect(shop.serversOf(id)).toMatchObject([{ name: 'Castle', id: bought?.id }]))
  await eventually(() => {
    const owner = shop.panel.state().users.find(({ email }) => email === customer.email)
    expect(shop.serversOf(id)).toMatchObject([{ user: owner?.id ?? 'nobody' }])
  })

  await shop.instruct(id, 'terminate')
  await shop.becomes(id, 'terminated')
  expect(shop.serversOf(id)).toEqual([])
  expect((await shop.send('order', 'POST', `/admin/orders/${id}/resume`, { reason: 'a test' })).status).toBe(
    409,
  )
})

test('a server that the seller transfers on the panel has its new address, and its order is in the other region', async () => {
  await shop.send('order', 'PUT', '/admin/regions/us', { name: 'US' })
  await shop.send('provisioner', 'PUT', '/admin/region-nodes/eu', { nodes: [1, 2] })
  await shop.send('provisioner', 'PUT', '/admin/region-nodes/us', { nodes: [3] })
  const { id, checkoutUrl } = await shop.placeOrder({ email: 'mover@example.com' })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  const ask = { region: 'us', reason: 'a test' }
  const refused = await shop.send('order', 'POST', `/admin/orders/${id}/change-region`, ask)
  expect({ status: refused.status, body: await refused.json() }).toMatchObject({
    status: 409,
    body: { code: 'transfer_on_panel', detail: expect.stringContaining('to node 3') },
  })
  const server = shop.serversOf(id)[0]?.id ?? 0
  shop.panel.change({ transfers: [{ server, node: 3, allocation: 110 }] })
  shop.panel.change({ endTransfers: [{ server, successful: true }] })
  await eventually(async () => {
    await shop.send('provisioner', 'POST', '/admin/drifts/sweep')
    const order = await (await shop.send('order', 'GET', `/orders/${id}`)).json()
    expect(order).toMatchObject({ status: 'provisioned', region: 'us', address: '203.0.113.3:25574' })
  })
  expect((await shop.send('order', 'POST', `/admin/orders/${id}/change-region`, ask)).status).toBe(200)
})
