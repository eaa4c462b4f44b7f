import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// Whose servers they become: the panel takes ids that differ in case or accents for one and the same.

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a customer whose id resembles that of another gets none of their servers, and a person is notified', async () => {
  await seller.sell(paidOrder('o-1', { customer: { id: 'alex', email: 'mallory@example.com', name: 'M' } }))
  await seller.provisioned('o-1')
  for (const [orderId, id] of [
    ['o-2', 'ALEX'],
    ['o-3', 'álex'],
  ] as const) {
    await seller.sell(paidOrder(orderId, { customer: { id, email: `${orderId}@example.com`, name: 'A' } }))
    await eventually(async () => {
      expect(await seller.serverOf(orderId)).toMatchObject({
        status: 'failed',
        errorClass: 'customer_taken',
        errorMessage: expect.stringContaining('provision the order again'),
      })
    })
  }
  expect(seller.panel.state().servers).toMatchObject([{ external_id: 'o-1' }])
})

test('letters of any script are taken, and the domain in either script is the same customer', async () => {
  const customers = ['jörg@müller.example', 'JÖRG@xn--mller-kva.example', 'Jörg@MÜLLER.example']
  for (const [index, email] of customers.entries()) {
    await seller.sell(paidOrder(`o-${index}`, { customer: { id: null, email, name: 'Jörg' } }))
    await seller.provisioned(`o-${index}`)
  }
  expect(new Set(customers.map((_, index) => ownerOf(`o-${index}`)?.id)).size).toBe(1)
  expect(ownerOf('o-0')).toMatchObject({ email: 'jörg@xn--mller-kva.example' })
})

test('a customer who is on the panel under the domain in its own script is found', async () => {
  const user = { username: 'jorg', email: 'j@müller.example', first_name: 'J', last_name: 'M' }
  seller.panel.change({ add: { users: [{ id: 51, ...user }] } })
  await seller.sell(paidOrder('o-1', { customer: { id: null, email: 'j@müller.example', name: 'J M' } }))
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')).toMatchObject({ id: 51 })
})

test('what a person mends on the panel then goes on by hand', async () => {
  const other = { id: 50, username: 'other', email: 'other@example.com', first_name: 'O', last_name: 'O' }
  seller.panel.change({ add: { users: [{ ...other, external_id: 'alex' }] } })
  await seller.sell(paidOrder('o-1', { customer: { id: 'ALEX', email: 'a@example.com', name: 'A' } }))
  await eventually(async () => {
    expect(await seller.serverOf('o-1')).toMatchObject({ status: 'failed', errorClass: 'customer_taken' })
  })
  seller.panel.change({ users: [{ id: 50, external_id: null }] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')).toMatchObject({ email: 'a@example.com', external_id: 'ALEX' })
})

test('a customer who is on the panel under their e-mail is found, though the id is like that of another', async () => {
  const user = { first_name: 'A', last_name: 'B' }
  seller.panel.change({
    add: {
      users: [
        { ...user, id: 50, username: 'other', email: 'other@example.com', external_id: 'alex' },
        { ...user, id: 51, username: 'buyer', email: 'a@example.com' },
      ],
    },
  })
  await seller.sell(paidOrder('o-1', { customer: { id: 'ALEX', email: 'A@example.com', name: 'A' } }))
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')).toMatchObject({ id: 51 })
})

test.each(['.', '..'])('a customer whose id is %s is a customer like any other', async (id) => {
  await seller.sell(paidOrder('o-1', { customer: { id, email: 'a@example.com', name: 'A' } }))
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')).toMatchObject({ email: 'a@example.com', external_id: id })
})

test('usernames do not collide by chance, nor on purpose', async () => {
  await seller.sell(paidOrder('o-1', { customer: { id: 'c-1', email: 'a@example.com', name: 'A' } }))
  await seller.provisioned('o-1')
  expect(ownerOf('o-1')?.username).toMatch(/^a-[0-9a-f]{16}$/)
})

function ownerOf(orderId: string) {
  const { users } = seller.panel.state()
  return users.find(({ id }) => id === seller.onPanel(orderId)[0]?.user)
}
