import type { PanelFault } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// What stands where the panel should, or a panel that answers what no panel answers: nothing is lost, doubled or taken for done.

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
})

afterEach(() => seller[Symbol.asyncDispose]())

const html = '<!DOCTYPE html><html><body>Welcome</body></html>'
const json = { 'content-type': 'application/json' }
const server = (attributes: object) => JSON.stringify({ object: 'server', attributes })

const answers: [
  what: string,
  answer: Omit<Extract<PanelFault['do'], { kind: 'respond' }>, 'kind'>,
  name: string,
][] = [
  ['a page of HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: html }, 'panel_address'],
  ['HTML that says it is JSON', { status: 200, headers: json, body: html }, 'panel_address'],
  ['a redirect to its login page', { status: 302, headers: { location: '/auth/login' } }, 'panel_redirects'],
  [
    'half an answer',
    { status: 200, headers: json, body: '{"object":"server","attributes":{"id":7' },
    'panel_address',
  ],
  [
    '10 MB of something',
    { status: 200, headers: json, body: `[${'1,'.repeat(5 * 1024 * 1024)}1]` },
    'panel_answer',
  ],
  ['nothing at all', { status: 200, headers: json }, 'panel_address'],
  ['a server without its fields', { status: 200, headers: json, body: server({ id: 7 }) }, 'panel_answer'],
  [
    'an error page of a proxy',
    { status: 502, headers: { 'content-type': 'text/html' }, body: html },
    'panel_proxy',
  ],
  ['a code that nobody knows', { status: 418, headers: json, body: '{"errors":[]}' }, 'panel_address'],
]

test.each(answers)(
  '%s in place of a server is waited out, and one server is made',
  async (_, answer, name) => {
    seller.panel.addFault({ when: { path: '/servers/external' }, do: { kind: 'respond', ...answer } })
    seller.failFirstCreate()
    await seller.sell(paidOrder('o-1'))
    await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: name }))
    expect(seller.onPanel('o-1')).toEqual([])
    seller.panel.removeFaults()
    await seller.provisioned('o-1', 20_000)
    expect(seller.onPanel('o-1')).toHaveLength(1)
  },
)

test.each(answers)('%s in answer to the create makes no second server', async (_, answer) => {
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'respond', work: true, ...answer },
  })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1', 20_000)
  expect(seller.onPanel('o-1')).toHaveLength(1)
  expect(await seller.serverOf('o-1')).toMatchObject({ generation: 1 })
})

test('a status that no panel has is watched, not taken for installed', async () => {
  seller.panel.planInstalls({ mode: 'after', ms: 600_000 })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioning' }))
  const [row] = seller.onPanel('o-1')
  seller.panel.change({ servers: [{ id: row?.id ?? 0, status: 'migrating' as 'installing' }] })
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ nextAttemptAt: expect.any(Date) }),
  )
  expect(await seller.serverOf('o-1')).toMatchObject({ status: 'provisioning' })
  seller.panel.change({ servers: [{ id: row?.id ?? 0, status: null }] })
  await seller.provisioned('o-1', 20_000)
})

test('a customer whose e-mail is part of another one gets a user of their own', async () => {
  const user = { first_name: 'A', last_name: 'B' }
  seller.panel.change({
    add: {
      users: [
        { ...user, id: 50, username: 'longer', email: 'alex@example.com.au' },
        { ...user, id: 51, username: 'before', email: 'real-alex@example.com' },
      ],
    },
  })
  await seller.sell(paidOrder('o-1', { customer: { id: null, email: 'alex@example.com', name: 'Alex' } }))
  await seller.provisioned('o-1')
  const owner = seller.panel.state().users.find(({ id }) => id === seller.onPanel('o-1')[0]?.user)
  expect(owner).toMatchObject({ email: 'alex@example.com' })
})

const names = [
  'Ünïcödé 🎮',
  "Robert'); DROP TABLE servers;--",
  '<b>x</b>',
  '{{x}}',
  '../..',
  'עברית',
  'x'.repeat(191),
]

test('servers and customers may be called anything', async () => {
  for (const [index, name] of names.entries())
    await seller.sell(
      paidOrder(`o-${index}`, {
        server_name: name,
        customer: { id: `${name.slice(0, 50)}/${index}`, email: `c${index}@example.com`, name },
      }),
    )
  for (const [index, name] of names.entries()) {
    await seller.provisioned(`o-${index}`, 20_000)
    expect(seller.onPanel(`o-${index}`)).toMatchObject([{ name }])
  }
})

test('a customer without a name that can be seen is called by the e-mail', async () => {
  await seller.sell(
    paidOrder('o-1', { customer: { id: null, email: 'a@example.com', name: '\u200b \u00ad' } }),
  )
  await seller.provisioned('o-1')
  const owner = seller.panel.state().users.find(({ id }) => id === seller.onPanel('o-1')[0]?.user)
  expect(owner).toMatchObject({ first_name: 'a@example.com' })
})

test('a key that is withdrawn in the middle is waited for, and nothing is made twice', async () => {
  seller.panel.addFault({ when: { method: 'POST', path: '/servers$' }, do: { kind: 'status', status: 401 } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'panel_auth' }),
  )
  seller.panel.removeFaults()
  await seller.provisioned('o-1', 20_000)
})
