import type { PanelFault } from '@spawnpoint/panel-simulator'
import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { paidOrder } from './seller.ts'
import { openDesk } from './shop-desk.ts'
import { openTwoPanels, type TwoPanels } from './two-panels.ts'

let owned: ReturnType<typeof owning>
let two: TwoPanels

beforeEach(async () => {
  owned = owning()
  two = owned.own(await openTwoPanels({ fra: { install: { mode: 'at-once' } } }))
})

afterEach(() => owned[Symbol.asyncDispose]())

const slowness: [string, PanelFault['do']][] = [
  ['hangs on every call', { kind: 'hang' }],
  ['takes 1.5 s for every call', { kind: 'slow', ms: 75_000 }],
]

test.each(slowness)('while one panel %s, servers on the other come as fast as ever', async (_, deed) => {
  const { seller } = two
  await timeToSell('warm', 4)
  const aloneMs = await timeToSell('alone', 12)
  seller.panel.addFault({ do: deed })
  for (let n = 0; n < 40; n += 1) await seller.sell(paidOrder(`slow-${n}`))
  await eventually(() => expect(seller.panel.state().faults[0]?.fired).toBeGreaterThan(5))
  const besideMs = await timeToSell('beside', 12)
  expect(
    await seller.prisma.server.count({ where: { panelId: 'main', status: 'provisioned' } }),
  ).toBeLessThan(20)
  // Behind forty that take 1.5 s for each of their calls it would be a quarter of a minute.
  expect(besideMs).toBeLessThan(aloneMs + 5_000)
})

test('while one panel is away, health names it, and only its regions cannot be sold', async () => {
  const { seller, fra } = two
  const desk = owned.own(await openDesk(seller.natsUrl))
  fra.addFault({ do: { kind: 'status', status: 401, code: 'AuthenticationException' } })
  await seller.sell(paidOrder('us-1', { region: 'us' }))
  await seller.sell(paidOrder('eu-1'))
  await seller.provisioned('eu-1')
  await eventually(async () =>
    expect(await (await seller.send('GET', '/health')).json()).toMatchObject({
      status: 'degraded',
      failing: { panel: expect.stringMatching(/^fra: .*the token of \/admin\/panels\/fra/) },
      panels: { main: { circuit: 'closed' }, fra: { calls_waiting: 0 } },
    }),
  )
  await eventually(async () =>
    expect(await desk.count(['small'], ['eu', 'us'])).toMatchObject([
      { region: 'eu', reason: null },
      { region: 'us', more: 0, reason: 'panel_away' },
    ]),
  )
  expect(await desk.reserve('o-1', { region: 'eu' })).toBe('held')
  expect(await desk.reserve('o-2', { region: 'us' })).toBe('panel_away')
  fra.removeFaults()
  await seller.becomes('us-1', 'provisioned')
})

test('availability is that of the last view while the panel hangs', async () => {
  const { seller } = two
  const desk = owned.own(await openDesk(seller.natsUrl))
  const before = await desk.count(['small'], ['eu', 'us'])
  expect(before).toMatchObject([
    { region: 'eu', reason: null },
    { region: 'us', reason: null },
  ])
  seller.panel.addFault({ do: { kind: 'hang' } })
  for (let n = 0; n < 20; n += 1) expect(await desk.count(['small'], ['eu', 'us'])).toEqual(before)
})

test('the queue of one panel is drained while the other hangs', async () => {
  const { seller, fra } = two
  for (const panel of [seller.panel, fra])
    panel.change({ nodes: [1, 2].map((id) => ({ id, maintenance_mode: true })) })
  for (const region of ['eu', 'us'])
    await eventually(async () => {
      await seller.sell(paidOrder(region, { region }))
      expect(await seller.serverOf(region)).toMatchObject({ status: 'waiting', errorClass: 'no_capacity' })
    })
  seller.panel.addFault({ do: { kind: 'hang' } })
  fra.change({ nodes: [{ id: 1, maintenance_mode: false }] })
  await seller.becomes('us', 'provisioned', 15_000)
  expect(await seller.serverOf('eu')).toMatchObject({ status: 'waiting' })
})

/** From the sale of the first to the last one's server on the panel `fra`. */
async function timeToSell(name: string, count: number): Promise<number> {
  const { seller } = two
  const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`)
  const begun = performance.now()
  for (const id of ids) await seller.sell(paidOrder(id, { region: 'us' }))
  for (const id of ids) await seller.becomes(id, 'provisioned', 30_000)
  return performance.now() - begun
}
