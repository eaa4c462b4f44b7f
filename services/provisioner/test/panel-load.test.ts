import { demoPanel as demoWorld } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

// A minute of the panel is six seconds here.
const timeScale = 0.1
const minuteMs = 60_000 * timeScale

test('two replicas keep to 240 calls a minute: after the first minute none is refused', async () => {
  seller = await openSeller({ timeScale, rateLimitPerMinute: 240, env: { TIME_SCALE: String(timeScale) } })
  await seller.startReplica()
  await seller.send('PUT', '/admin/region-nodes/eu', { nodes: [1, 2, 3] })
  const begun = Date.now()
  const ids = Array.from({ length: 90 }, (_, index) => `o-${index}`)
  for (const id of ids) await seller.sell(paidOrder(id))
  await eventually(() => expect(Date.now() - begun).toBeGreaterThan(minuteMs), { timeoutMs: 2 * minuteMs })
  const { throttled } = seller.panel.state()
  for (const id of ids) await seller.provisioned(id, 90_000)
  expect(seller.panel.state().throttled).toBe(throttled)
  expect(seller.panel.state().servers).toHaveLength(ids.length)
  expect(seller.panel.state().users.length - demoWorld().users.length).toBe(ids.length)
}, 180_000)

test('metrics count the calls to a panel by route and result, as the panel does', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  seller.panel.addFault({ when: { path: '/servers', times: 1 }, do: { kind: 'status', status: 502 } })
  const metrics = async () => await (await seller.send('GET', '/metrics')).text()
  const counted = async (call: string, result?: string) => {
    const of = result === undefined ? `call="${call}"` : `call="${call}",result="${result}"`
    const lines = (await metrics()).split('\n').filter((line) => line.includes(`panel="main",${of}`))
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
  const all = async () =>
    await Promise.all([counted('POST /users'), counted('POST /servers'), counted('POST /servers', '502')])
  // Other tests of this process were counted too.
  const [users = 0, servers = 0, refused = 0] = await all()
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const requests = await fetch(`${seller.panel.url}/_simulator/requests`)
  const { calls } = (await requests.json()) as { calls: Record<string, number> }
  expect(calls).toMatchObject({ 'POST /api/application/users': 1, 'POST /api/application/servers': 1 })
  // What something before the panel answered, it did not count.
  expect(await all()).toEqual([users + 1, servers + 2, refused + 1])
})

test('a panel that is away is left alone, which health shows, and is used again once it is back', async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  seller.panel.addFault({ do: { kind: 'refused' } })
  for (const id of ['o-1', 'o-2', 'o-3', 'o-4', 'o-5', 'o-6']) await seller.sell(paidOrder(id))
  const health = async () => (await (await seller.send('GET', '/health')).json()) as { panel: object }
  await eventually(async () =>
    expect(await health()).toMatchObject({ status: 'degraded', panel: { circuit: 'open' } }),
  )
  seller.panel.removeFaults()
  for (const id of ['o-1', 'o-2', 'o-3', 'o-4', 'o-5', 'o-6']) await seller.provisioned(id, 20_000)
  await eventually(async () =>
    expect(await health()).toMatchObject({ panel: { circuit: 'closed', calls_waiting: 0 } }),
  )
})

test('a Pelican panel is refused with a clear word, and gets no server', async () => {
  seller = await openSeller()
  seller.panel.addFault({
    when: { path: '/nests' },
    do: { kind: 'status', status: 404, detail: 'The route api/application/nests could not be found.' },
  })
  await seller.restart()
  await eventually(async () =>
    expect(await (await seller.send('GET', '/health')).json()).toMatchObject({
      status: 'degraded',
      failing: { panel: expect.stringContaining('Pelican') },
    }),
  )
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'panel_is_pelican' }),
  )
  expect(seller.panel.state().servers).toEqual([])
})
