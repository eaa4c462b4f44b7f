import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// A server that the panel has for an order, and that we have not seen there before.

const customer = { id: 'c-1', email: 'c-1@example.com', name: 'C One' }
let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  seller.panel.change({ add: { users: [stranger] } })
})

afterEach(() => seller[Symbol.asyncDispose]())

const stranger = { id: 60, username: 'stranger', email: 'else@example.com', first_name: 'S', last_name: 'S' }

test('a server of the customer, made by a create that was never answered, is taken over', async () => {
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'created-then-504' },
  })
  await seller.sell(paidOrder('o-1', { customer }))
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toHaveLength(1)
})

test('another owner of it is told, and the server is theirs as soon as that is corrected on the panel', async () => {
  await madeFor(60)
  await seller.sell(paidOrder('o-1', { customer }))
  const message = await held()
  const user = seller.panel.state().users.find(({ external_id }) => external_id === 'c-1')
  expect(message).toMatch(
    new RegExp(
      `belongs to user 60, not to user ${user?.id} of its customer: .*make user ${user?.id} its owner`,
    ),
  )
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({
    status: 'waiting',
    error_class: 'owner_differs',
    ptero_server_id: null,
  })
  seller.panel.change({ servers: [{ id: seller.onPanel('o-1')[0]?.id ?? 0, owner_id: user?.id ?? 0 }] })
  await seller.provisioned('o-1')
  expect(await seller.serverOf('o-1')).toMatchObject({ pteroUserId: user?.id, errorClass: null })
})

test('the seller may say that its owner is the customer', async () => {
  await madeFor(60)
  await seller.sell(paidOrder('o-1', { customer }))
  await held()
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1', panel_user_id: 60 })
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ user: 60 }])
})

test('where no user of the customer is known, the owner has to look like the customer', async () => {
  await seller.sell(paidOrder('o-0', { customer }))
  await seller.provisioned('o-0')
  const user = seller.onPanel('o-0')[0]?.user ?? 0
  await seller.prisma.panelUser.deleteMany()
  await madeFor(user, 'o-1')
  // Our own table is older than the server.
  await seller.prisma.server.create({ data: created('o-1') })
  await seller.sell(paidOrder('o-1', { customer }))
  await seller.provisioned('o-1')
  expect(await seller.prisma.panelUser.findMany()).toMatchObject([{ pteroUserId: user }])
  await madeFor(60, 'o-2')
  await seller.prisma.server.create({ data: created('o-2') })
  await seller.sell(paidOrder('o-2', { customer: { id: 'c-2', email: 'c-2@example.com', name: 'C' } }))
  expect(await held('o-2')).toMatch(/belongs to user 60, whom nothing connects with its customer/)
})

/** A row of a server whose create was sent, and of which nothing was seen since. */
function created(orderId: string) {
  const at = new Date()
  return {
    ...{ orderId, desired: 'none', orderVersion: 1, orderState: '{}', status: 'none', generation: 1 },
    ...{ createdAt: at, updatedAt: at },
  }
}

async function madeFor(user: number, external_id = 'o-1'): Promise<void> {
  const free = seller.panel.state().allocations.find(({ server }) => server === null)
  const answer = await seller.byHand('POST', '/servers', {
    ...{ external_id, name: 'Found', user, egg: 1, docker_image: 'image', startup: 'run' },
    environment: { SERVER_JARFILE: 'server.jar', BUILD_NUMBER: 'latest' },
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
    feature_limits: { databases: 0, backups: 0 },
    allocation: { default: free?.id },
  })
  expect(answer.status).toBe(201)
}

async function held(orderId = 'o-1'): Promise<string> {
  await eventually(async () =>
    expect(await seller.serverOf(orderId)).toMatchObject({ errorClass: 'owner_differs' }),
  )
  return (await seller.serverOf(orderId)).errorMessage ?? ''
}
