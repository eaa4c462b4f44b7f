import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

// What a shop is told before anybody pays, and what a seller is told when a server would go to the wrong person.

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
  const limits = { memory: 1024, disk: 1024 }
  await sell('rust', {
    ptero_egg_id: 2,
    limits,
    ports: [{ variable: 'RCON_PORT' }],
    environment: { RCON_PASS: { generate: 'password' } },
  })
  const bare = { id: 7, nest_id: 1, name: 'Bare', docker_images: { One: 'example/one' }, startup: './bare' }
  shop.panel.change({ add: { eggs: [bare] } })
  await sell('bare', { ptero_egg_id: 7, limits })
  shop.panel.change({ delete: { eggs: [7] } })
  shop.panel.change({ add: { eggs: [{ ...bare, docker_images: {} }] } })
  // The check of the plan reads the egg again, which otherwise happens within a minute.
  await shop.send('provisioner', 'POST', '/admin/panel/check')
})

afterAll(() => shop?.[Symbol.asyncDispose]())

test.each([
  ['a variable that the egg keeps from customers', 'small', { DL_PATH: '/evil.jar' }, 'environment.DL_PATH'],
  ['a variable that the plan sets', 'rust', { RCON_PASS: 'mine' }, 'environment.RCON_PASS'],
  ['a variable that the egg does not have', 'small', { maxplayers: '5' }, 'environment.maxplayers'],
  ['a plan whose egg has no image', 'bare', {}, 'plan.docker_image'],
])('an order with %s is refused before anybody pays', async (_, plan, environment, path) => {
  const { status, body } = await place(plan, { environment })
  expect({ status, body }).toMatchObject({ status: 422, body: { code: 'invalid_order', errors: [{ path }] } })
  expect(body.detail).toContain(path.split('.').at(-1))
})

test('each buyer of a plan gets a password of their own', async () => {
  const bought = [await buy('rust', 'one@example.com'), await buy('rust', 'two@example.com')]
  const passwords: unknown[] = []
  for (const id of bought) {
    await shop.becomes(id, 'provisioned')
    passwords.push(shop.serversOf(id)[0]?.container.environment.RCON_PASS)
  }
  expect(passwords).toEqual([expect.stringMatching(/^\w{24}$/), expect.stringMatching(/^\w{24}$/)])
  expect(passwords[0]).not.toBe(passwords[1])
})

test('whoever takes the e-mail of another buyer on the panel does not get their server', async () => {
  const attacker = await buy('small', 'mallory@example.com')
  await shop.becomes(attacker, 'provisioned')
  const user = shop.serversOf(attacker)[0]?.user ?? 0
  shop.panel.change({ users: [{ id: user, email: 'target@example.com' }] })

  const id = await buy('small', 'target@example.com')
  const held = await shop.becomes(id, 'error')
  expect(held.error_message).toMatch(
    new RegExp(`User ${user} on the panel .*another customer.*not given to them`),
  )
  expect(shop.serversOf(id)).toEqual([])

  shop.panel.change({ users: [{ id: user, email: 'mallory@example.com' }] })
  await shop.send('provisioner', 'POST', '/api/servers/provision', { order_id: id })
  expect(await shop.becomes(id, 'provisioned')).toMatchObject({ error_message: null })
  expect(shop.serversOf(id)[0]?.user).not.toBe(user)
})

async function sell(plan: string, spec: object): Promise<void> {
  await shop.send('order', 'PUT', `/admin/plans/${plan}`, { name: plan, amount: 999, currency: 'eur' })
  const set = await shop.send('provisioner', 'PUT', `/admin/plan-specs/${plan}`, spec)
  expect(set.status).toBe(200)
}

type Answer = { id: string; checkout_url: string; code?: string; detail?: string }

async function place(plan: string, { environment = {}, email = 'alex@example.com' }) {
  const request = { plan, region: 'eu', customer: { email, name: 'Alex' }, server_name: 'Home', environment }
  const answer = await shop.send('order', 'POST', '/orders', request, { 'idempotency-key': randomUUID() })
  return { status: answer.status, body: (await answer.json()) as Answer }
}

async function buy(plan: string, email: string): Promise<string> {
  const { status, body } = await place(plan, { email })
  expect({ status, body }).toMatchObject({ status: 201 })
  await shop.pay(body.checkout_url)
  return body.id
}
