import { demoPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// What an egg, a plan and an order make of a server on the panel.

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

const limits = { memory: 1024, disk: 1024 }
const rust = {
  ptero_egg_id: 2,
  limits,
  ports: [{ variable: 'RCON_PORT' }],
  environment: { RCON_PASS: { generate: 'password', length: 20 } },
}

test('each server gets a password of its own, the same for all its life, and it is shown nowhere', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await plan('rust', rust)
  for (const id of ['o-1', 'o-2']) await seller.sell(paidOrder(id, { plan: 'rust' }))
  for (const id of ['o-1', 'o-2']) await seller.provisioned(id)
  const password = passwordOf('o-1')
  expect(password).toMatch(/^[A-Za-z0-9]{20}$/)
  expect(passwordOf('o-2')).not.toBe(password)

  // Deleted on the panel while the node was reset: the order's server is made again once a person has seen that.
  seller.panel.change({ delete: { servers: [seller.onPanel('o-1')[0]?.id ?? 0] } })
  await seller.send('POST', '/admin/drifts/sweep')
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await eventually(() => expect(seller.onPanel('o-1')).toHaveLength(1))
  await seller.provisioned('o-1')
  expect(passwordOf('o-1')).toBe(password)

  const shown = await Promise.all(
    ['/servers', '/servers/o-1', '/admin/plan-specs/rust', '/health'].map(async (path) =>
      (await seller.send('GET', path)).text(),
    ),
  )
  const outbox = await seller.prisma.outbox.findMany({ where: { key: 'o-1' } })
  expect(outbox.length).toBeGreaterThan(2)
  for (const text of [...shown, ...outbox.map(({ envelope }) => envelope)])
    expect(text).not.toContain(password)

  const ended = { version: 3, desired: 'terminated', status: 'cancelled' } as const
  await seller.sell(paidOrder('o-1', { plan: 'rust', ...ended }), 'order.ended')
  await seller.becomes('o-1', 'terminated')
  expect(await seller.prisma.generatedValue.findMany({ select: { orderId: true } })).toEqual([
    { orderId: 'o-2' },
  ])
})

test('a create that is refused and tried again sends the same password', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await plan('rust', rust)
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'status', status: 500 },
  })
  await seller.sell(paidOrder('o-1', { plan: 'rust' }))
  await seller.provisioned('o-1', 20_000)
  const kept = await seller.prisma.generatedValue.findMany()
  expect(kept).toEqual([{ orderId: 'o-1', variable: 'RCON_PASS', value: passwordOf('o-1') }])
})

test('a larger plan keeps the password that the customer has set on the panel since', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await plan('rust', rust)
  await plan('rust-large', {
    ...rust,
    limits: { memory: 2048, disk: 2048 },
    environment: { ...rust.environment, MAX_PLAYERS: '80' },
  })
  await seller.sell(paidOrder('o-1', { plan: 'rust' }))
  await seller.provisioned('o-1')
  const [server] = seller.onPanel('o-1')
  const {
    STARTUP: _,
    P_SERVER_LOCATION: __,
    P_SERVER_UUID: ___,
    P_SERVER_ALLOCATION_LIMIT: ____,
    ...own
  } = server?.container.environment ?? {}
  const changed = await seller.byHand('PATCH', `/servers/${server?.id}/startup`, {
    egg: 2,
    image: server?.container.image,
    startup: server?.container.startup_command,
    skip_scripts: false,
    environment: { ...own, RCON_PASS: 'my-own' },
  })
  expect(changed.status).toBe(200)
  await seller.sell(paidOrder('o-1', { plan: 'rust-large', version: 3 }), 'order.changed')
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ limits: { memory: 2048 } }]))
  await eventually(() =>
    expect(seller.onPanel('o-1')).toMatchObject([
      { container: { environment: { RCON_PASS: 'my-own', MAX_PLAYERS: '80' } } },
    ]),
  )
})

test('a plan that begins to generate keeps what its servers have', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await plan('rust', { ...rust, environment: { RCON_PASS: 'from-before' } })
  await seller.sell(paidOrder('o-1', { plan: 'rust' }))
  await seller.provisioned('o-1')
  await plan('rust', rust)
  await plan('rust-large', { ...rust, limits: { memory: 2048, disk: 2048 } })
  await seller.sell(paidOrder('o-1', { plan: 'rust-large', version: 3 }), 'order.changed')
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ limits: { memory: 2048 } }]))
  await eventually(async () => expect(await seller.publishedFor('o-1')).toContain('server.resized'))
  expect(passwordOf('o-1')).toBe('from-before')
})

test("the image is the egg's first, whatever its labels are", async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  seller.panel.change({
    add: {
      eggs: [
        {
          id: 7,
          nest_id: 1,
          name: 'Numbers',
          docker_images: { 21: 'example/java_21', 17: 'example/java_17', 8: 'example/java_8' },
          docker_image: 'example/java_21',
          startup: 'java',
          variables: [
            { id: 70, name: 'Token', env_variable: 'bot_token', rules: 'required|string' },
            {
              id: 71,
              name: 'Slots',
              env_variable: 'maxplayers',
              rules: 'required|integer',
              default_value: '5',
            },
          ],
        },
      ],
    },
  })
  await plan('numbers', { ptero_egg_id: 7, limits })
  await seller.sell(paidOrder('o-1', { plan: 'numbers', environment: { bot_token: 'abc', maxplayers: '9' } }))
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([
    { container: { image: 'example/java_21', environment: { bot_token: 'abc', maxplayers: '9' } } },
  ])
})

test('an order that sets what it may not is held by name, and goes on once the plan allows it', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.sell(paidOrder('o-1', { environment: { DL_PATH: '/evil.jar' } }))
  await seller.becomes('o-1', 'failed')
  expect(seller.onPanel('o-1')).toEqual([])
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({
    error_class: 'variable_not_allowed',
    error_message: expect.stringMatching(/DL_PATH.*user_editable.*provision it again/),
  })
  await plan('small', { ptero_egg_id: 1, limits, may_set: ['DL_PATH'] })
  await seller.send('POST', '/api/servers/provision', { order_id: 'o-1' })
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toMatchObject([{ container: { environment: { DL_PATH: '/evil.jar' } } }])
})

test('a server whose egg has lost its image since the sale is held with a sentence, and sent by no call', async () => {
  seller = await openSeller()
  seller.panel.change({
    add: { eggs: [{ id: 7, nest_id: 1, name: 'Bare', docker_images: {}, startup: './one', variables: [] }] },
  })
  await seller.prisma.planSpec.update({
    where: { plan_panelId: { plan: 'small', panelId: 'main' } },
    data: { pteroEggId: 7 },
  })
  await seller.sell(paidOrder('o-1'))
  await seller.becomes('o-1', 'failed')
  expect(await seller.serverOf('o-1')).toMatchObject({
    errorClass: 'egg_unusable',
    errorMessage: expect.stringMatching(/docker image.*plan-specs\/small.*provision the order again/),
  })
  expect(seller.calls(/POST .*servers$/)).toBe(0)
})

test.each([
  ['2001:db8::10', null, '[2001:db8::10]:25566'],
  ['10.0.0.5', 'play.example.com:25577', 'play.example.com:25577'],
  ['0.0.0.0', null, 'fra-1.example.com:25566'],
  ['::', null, 'fra-1.example.com:25566'],
])('the customer of a server on %s (alias %s) is given %s', async (ip, ip_alias, address) => {
  const demo = demoPanel()
  seller = await openSeller({
    setup: {
      ...demo,
      nodes: demo.nodes.map((node) => ({ ...node, fqdn: `${node.name}.example.com` })),
      allocations: [{ id: 1, node_id: 1, ip, ip_alias, port: 25566 }],
    },
  })
  await seller.sell(paidOrder('o-1'))
  await seller.becomes('o-1', 'provisioned')
  const states = await seller.statesOf('o-1')
  expect(states.map((state) => state.address)).toEqual([address, address])
})

async function plan(name: string, spec: object): Promise<void> {
  const answer = await seller.send('PUT', `/admin/plan-specs/${name}`, spec)
  expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 200 })
}

function passwordOf(orderId: string): string {
  return String(seller.onPanel(orderId)[0]?.container.environment.RCON_PASS)
}
