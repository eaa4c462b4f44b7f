import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// Users change their e-mail on the panel without confirming it: an address alone makes nobody the owner of another's server.

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

const atOnce = { install: { mode: 'at-once' } } as const
const mallory = { id: null, email: 'mallory@example.com', name: 'M' }
const target = { id: null, email: 'target@example.com', name: 'V' }

test('a customer who takes the e-mail of another on the panel does not get their next server', async () => {
  seller = await openSeller(atOnce)
  await takeOver()
  await seller.sell(paidOrder('o-target', { customer: target }))
  const message = await held('o-target', 'panel_user_taken')
  expect(message).toMatch(/User 3 on the panel .*another customer.*not given to them.*"panel_user_id": 3/)
  expect(seller.onPanel('o-target')).toEqual([])
  expect((await seller.statesOf('o-target')).at(-1)).toMatchObject({
    status: 'failed',
    error_message: message,
  })

  seller.panel.change({ users: [{ id: 3, email: mallory.email }] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-target' })
  await seller.provisioned('o-target')
  expect(ownerOf('o-target')).toMatchObject({ email: target.email })
  expect(ownerOf('o-target')?.id).not.toBe(ownerOf('o-mallory')?.id)
})

test('nor after our own table was lost', async () => {
  seller = await openSeller(atOnce)
  await takeOver()
  await seller.prisma.panelUser.deleteMany()
  await seller.sell(paidOrder('o-target', { customer: target }))
  await held('o-target', 'panel_user_taken')
})

test('nor where the seller lets customers with one address share a user', async () => {
  seller = await openSeller({ ...atOnce, env: { SHARE_PANEL_USERS: 'by-email' } })
  await takeOver()
  await seller.sell(paidOrder('o-target', { customer: target }))
  await held('o-target', 'panel_user_taken')
})

test('nor by an order whose customer is changed to the target', async () => {
  seller = await openSeller(atOnce)
  await takeOver()
  await seller.sell(paidOrder('o-gift', { customer: { id: 'c-5', email: 'friend@example.com', name: 'F' } }))
  await seller.provisioned('o-gift')
  const friend = ownerOf('o-gift')
  await seller.sell(paidOrder('o-gift', { version: 3, customer: target }), 'order.changed')
  await eventually(async () =>
    expect(await seller.serverOf('o-gift')).toMatchObject({
      status: 'provisioned',
      errorClass: 'panel_user_taken',
    }),
  )
  expect(ownerOf('o-gift')).toEqual(friend)
})

test('an order with the e-mail of an administrator of the panel is held', async () => {
  seller = await openSeller(atOnce)
  const customer = { id: null, email: 'admin@example.test', name: 'A' }
  await seller.sell(paidOrder('o-1', { customer }))
  expect(await held('o-1', 'panel_user_is_admin')).toMatch(/User 1 .*is an administrator/)
})

test('a user whom another system has marked is left to it', async () => {
  seller = await openSeller(atOnce)
  const user = { id: 60, username: 'theirs', first_name: 'T', last_name: 'T', external_id: 'whmcs-12' }
  seller.panel.change({ add: { users: [{ ...user, email: 'buyer@example.com' }] } })
  await seller.sell(paidOrder('o-1', { customer: { id: 'c-1', email: 'buyer@example.com', name: 'B' } }))
  expect(await held('o-1', 'panel_user_taken')).toMatch(
    /User 60 .*set that user's external id on the panel to c-1/,
  )
  seller.panel.change({ users: [{ id: 60, external_id: 'c-1' }] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')).toMatchObject({ id: 60 })
})

const account = { id: 'c-1', email: 'alex@example.com', name: 'Alex' }
const guest = { id: null, email: 'Alex@example.com', name: 'Alex' }

test('two customers with one address do not share a user, unless a person says that they are one', async () => {
  seller = await openSeller(atOnce)
  await seller.sell(paidOrder('o-1', { customer: account }))
  await seller.provisioned('o-1')
  await seller.sell(paidOrder('o-2', { customer: guest }))
  expect(await held('o-2', 'panel_user_taken')).toContain('SHARE_PANEL_USERS=by-email')
  const said = { order_id: 'o-2', panel_user_id: ownerOf('o-1')?.id }
  expect((await seller.send('POST', '/api/servers/provision', said)).status).toBe(202)
  await seller.provisioned('o-2')
  expect(ownerOf('o-2')).toEqual(ownerOf('o-1'))
  await seller.sell(paidOrder('o-3', { customer: guest }))
  await seller.provisioned('o-3')
})

test('two customers with one address share a user where the seller allows it', async () => {
  seller = await openSeller({ ...atOnce, env: { SHARE_PANEL_USERS: 'by-email' } })
  for (const [id, customer] of [
    ['o-1', account],
    ['o-2', guest],
  ] as const) {
    await seller.sell(paidOrder(id, { customer }))
    await seller.provisioned(id)
  }
  expect(ownerOf('o-2')).toEqual(ownerOf('o-1'))
})

test('of two customers who claim one user at the same time, at most one gets them', async () => {
  seller = await openSeller(atOnce)
  const user = { id: 60, username: 'before', first_name: 'T', last_name: 'T' }
  seller.panel.change({ add: { users: [{ ...user, email: 'alex@example.com' }] } })
  await Promise.all([
    seller.sell(paidOrder('o-1', { customer: account })),
    seller.sell(paidOrder('o-2', { customer: guest })),
  ])
  await eventually(async () => {
    const rows = await seller.prisma.server.findMany()
    expect(
      rows.map(({ status }) => status).filter((status) => /failed|provisioned/.test(status)),
    ).toHaveLength(2)
  })
  expect(seller.panel.state().servers.length).toBeLessThanOrEqual(1)
})

test('customers who came to share a user before this was looked at are named by the check', async () => {
  seller = await openSeller(atOnce)
  const row = { panelId: 'main', pteroUserId: 2 }
  await seller.prisma.panelUser.createMany({
    data: [
      { ...row, customerKey: 'a' },
      { ...row, customerKey: 'b', email: 'b@example.com' },
      { ...row, pteroUserId: 1, customerKey: 'c', email: 'Kim@example.com' },
      { ...row, pteroUserId: 1, customerKey: 'd', email: 'kim@example.com' },
    ],
  })
  const checked = await (await seller.send('POST', '/admin/panel/check')).json()
  expect(checked).toMatchObject({
    ok: true,
    findings: expect.arrayContaining([
      {
        level: 'warning',
        what: 'user 2',
        message: expect.stringContaining('Several customers own servers as user 2'),
      },
    ]),
  })
  expect(JSON.stringify(checked)).not.toContain('user 1')
})

async function takeOver(): Promise<void> {
  await seller.sell(paidOrder('o-mallory', { customer: mallory }))
  await seller.provisioned('o-mallory')
  expect(ownerOf('o-mallory')).toMatchObject({ id: 3, email: mallory.email })
  seller.panel.change({ users: [{ id: 3, email: target.email }] })
}

async function held(orderId: string, errorClass: string): Promise<string> {
  await eventually(async () =>
    expect(await seller.serverOf(orderId)).toMatchObject({ status: 'failed', errorClass }),
  )
  return (await seller.serverOf(orderId)).errorMessage ?? ''
}

function ownerOf(orderId: string) {
  const { users } = seller.panel.state()
  return users.find(({ id }) => id === seller.onPanel(orderId)[0]?.user)
}
