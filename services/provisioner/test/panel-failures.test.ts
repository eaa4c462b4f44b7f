import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeEach(async () => {
  seller = await openSeller()
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a failed panel authentication is published once, with what to do about it', async () => {
  seller.panel.addFault({ when: { path: '/users' }, do: { kind: 'status', status: 403 } })
  await seller.sell(paidOrder('o-1'))
  await tried('o-1', 6)
  const health = async () => (await seller.send('GET', '/health')).json()
  // Calls for which the key has the right succeed in between.
  await eventually(async () =>
    expect(await health()).toMatchObject({
      status: 'degraded',
      failing: { panel: expect.stringContaining('PANEL_TOKEN') },
    }),
  )
  expect(await seller.publishedFor('o-1')).toEqual(['server.waiting'])
  expect(await seller.statesOf('o-1')).toMatchObject([
    { status: 'waiting', error_class: 'panel_auth', error_message: expect.stringContaining('PANEL_TOKEN') },
  ])
  seller.panel.removeFaults()
  await seller.provisioned('o-1')
  await eventually(async () => expect(await health()).toMatchObject({ status: 'healthy' }))
  expect(await seller.publishedFor('o-1')).toEqual([
    'server.waiting',
    'server.provisioning',
    'server.provisioned',
  ])
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ error_class: null, error_message: null })
})

test('a long error of the panel is truncated to a thousand characters, here and in events', async () => {
  seller.panel.addFault({
    when: { path: '/users' },
    do: { kind: 'status', status: 403, detail: 'no entry! '.repeat(300) },
  })
  await seller.sell(paidOrder('o-1'))
  await tried('o-1', 4)
  const [news] = await seller.statesOf('o-1')
  expect(news?.error_message).toHaveLength(1_000)
  expect((await seller.serverOf('o-1')).errorMessage).toBe(news?.error_message)
})

test('another reason is published again, once', async () => {
  seller.panel.addFault({ do: { kind: 'refused' } })
  await seller.sell(paidOrder('o-1'))
  await tried('o-1', 4)
  seller.panel.removeFaults()
  seller.panel.addFault({ when: { path: '/servers/external' }, do: { kind: 'status', status: 403 } })
  await tried('o-1', 7)
  const news = await seller.statesOf('o-1')
  expect(news.map(({ error_class }) => error_class)).toEqual(['panel_unreachable', 'panel_auth'])
})

test('one failed call is not published', async () => {
  seller.panel.addFault({ when: { times: 2 }, do: { kind: 'status', status: 500 } })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  expect(await seller.publishedFor('o-1')).toEqual(['server.provisioning', 'server.provisioned'])
})

test('a seller sees what each server waits for, in the list and in the summary', async () => {
  seller.panel.addFault({ when: { path: '/servers/external/o-2' }, do: { kind: 'status', status: 403 } })
  seller.failFirstCreate()
  await seller.sell(paidOrder('o-2'))
  await tried('o-2', 1)
  for (const id of ['o-1', 'o-3']) await seller.sell(paidOrder(id))
  await seller.provisioned('o-1')
  await seller.provisioned('o-3')
  await tried('o-2', 4)
  const list = async (query: string) => (await (await seller.send('GET', `/servers?${query}`)).json()) as Page
  expect((await list('error_class=panel_auth')).data).toMatchObject([{ order_id: 'o-2', status: 'waiting' }])
  expect((await list('status=provisioned')).data.map(({ order_id }) => order_id)).toEqual(['o-1', 'o-3'])
  const first = await list('limit=2')
  expect(first).toMatchObject({
    data: [{ order_id: 'o-1' }, { order_id: 'o-2' }],
    has_more: true,
    next_cursor: 'o-2',
  })
  expect(await list(`limit=2&starting_after=${first.next_cursor}`)).toMatchObject({
    data: [{ order_id: 'o-3' }],
    has_more: false,
    next_cursor: null,
  })
  expect(await (await seller.send('GET', '/health')).json()).toMatchObject({
    servers: { provisioned: 2, waiting: 1 },
    waiting_for: { panel_auth: 1 },
  })
})

test('stopping does not wait for a panel that never answers, and the next process finds the server', async () => {
  seller.panel.addFault({
    when: { method: 'POST', path: '/servers$', times: 1 },
    do: { kind: 'hang', work: true },
  })
  await seller.sell(paidOrder('o-1'))
  await eventually(() => expect(seller.onPanel('o-1')).toHaveLength(1))
  await seller.restart()
  await seller.provisioned('o-1')
  expect(seller.onPanel('o-1')).toHaveLength(1)
})

type Page = { data: { order_id: string }[]; has_more: boolean; next_cursor: string | null }

async function tried(orderId: string, times: number): Promise<void> {
  await eventually(
    async () => expect((await seller.serverOf(orderId)).attempts).toBeGreaterThanOrEqual(times),
    { timeoutMs: 20_000 },
  )
}
