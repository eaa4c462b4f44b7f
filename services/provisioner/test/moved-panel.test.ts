import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { paidOrder } from './seller.ts'
import { openTwoPanels, put, serversOf, startSecond, type TwoPanels } from './two-panels.ts'

// A panel at a new address, or one that was restored, gives its numbers out again: to others.

const alex = { id: null, email: 'alex@example.com', name: 'Alex Example' }
const stranger = { username: 'stranger', email: 'stranger@example.com', first_name: 'S', last_name: 'T' }
let two: TwoPanels

beforeEach(async () => {
  two = await openTwoPanels({ fra: { install: { mode: 'at-once' } } })
  await two.seller.sell(paidOrder('before', { region: 'us', customer: alex }))
  await two.seller.becomes('before', 'provisioned')
})

afterEach(() => two[Symbol.asyncDispose]())

test('at a new address of its panel a customer gets no server of the user who has their old number there', async () => {
  const { seller, fra } = two
  await using other = await startSecond({ install: { mode: 'at-once' } })
  other.change({ add: { users: [{ ...stranger, id: userOf(fra, 'before').id }] } })
  expect(await put(seller, '/admin/panels/fra', { url: fra.url, token: fra.token })).toMatchObject({
    warnings: [],
  })
  expect(await put(seller, '/admin/panels/fra', { url: other.url, token: other.token })).toMatchObject({
    warnings: [expect.stringContaining('1 servers stand on it')],
  })
  await seller.sell(paidOrder('after', { region: 'us', customer: alex }))
  await seller.becomes('after', 'provisioned', 20_000)
  expect(userOf(other, 'after')).toMatchObject({ email: alex.email })
})

test('on a panel whose numbers are given out again no server goes to a stranger', async () => {
  const { seller, fra } = two
  const { id } = userOf(fra, 'before')
  fra.change({ users: [{ id, uuid: randomUUID(), ...stranger }] })
  await seller.sell(paidOrder('after', { region: 'us', customer: alex }))
  await seller.becomes('after', 'provisioned', 20_000)
  expect(userOf(fra, 'after')).toMatchObject({ email: alex.email })
})

function userOf(panel: TwoPanels['fra'], orderId: string) {
  const [server] = serversOf(panel, orderId)
  const user = panel.state().users.find(({ id }) => id === server?.user)
  if (!user) throw new Error(`${orderId} has no owner there`)
  return user
}
