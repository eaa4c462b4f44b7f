import { checkChange } from '@spawnpoint/contracts'
import { ask, connectNats, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller
let nats: Nats

beforeAll(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  const log = createLogger({ service: 'test', level: 'silent' })
  nats = connectNats({ url: seller.natsUrl, name: 'test', log })
  const spec = (memory: number) => ({ ptero_egg_id: 1, limits: { memory, disk: 1024 } })
  await seller.send('PUT', '/admin/plan-specs/roomy', {
    ptero_egg_id: 1,
    limits: { memory: 2048, disk: 10240 },
  })
  await seller.send('PUT', '/admin/plan-specs/larger', spec(4096))
  await seller.send('PUT', '/admin/plan-specs/smaller', spec(128))
  await seller.send('PUT', '/admin/plan-specs/enormous', spec(10_000_000))
  await seller.send('PUT', '/admin/plan-specs/eggless', { ...spec(2048), ptero_egg_id: 99 })
  await seller.send('PUT', '/admin/plan-specs/ported', { ...spec(2048), ports: [{ variable: 'QUERY_PORT' }] })
  const farPort = { ...spec(2048), ports: [{ variable: 'QUERY_PORT', offset: 999 }] }
  await seller.send('PUT', '/admin/plan-specs/far-port', farPort)
  await seller.send('PUT', '/admin/plan-specs/other-game', { ...spec(128), ptero_egg_id: 2 })
  const rust = { ...spec(128), ptero_egg_id: 2, egg_change: 'reinstall' }
  await seller.send('PUT', '/admin/plan-specs/no-password', rust)
  await seller.send('PUT', '/admin/plan-specs/rust', { ...rust, environment: { RCON_PASS: 'secret' } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () => expect(await seller.publishedFor('o-1')).toContain('server.provisioned'))
})

afterAll(async () => {
  await nats?.close()
  await seller?.[Symbol.asyncDispose]()
})

test('a larger plan fits where the node of its server has capacity for the difference, and a smaller one always', async () => {
  expect(await checked('larger')).toMatchObject({ problem: null })
  expect(await checked('smaller')).toMatchObject({ problem: null })
  expect(await checked('enormous')).toMatchObject({
    problem: { class: 'no_capacity', message: expect.stringContaining('no room') },
  })
})

test('what is not known to fit is refused with a reason', async () => {
  expect(await checked('none')).toMatchObject({ problem: { class: 'plan_without_spec' } })
  expect(await checked('larger', 'o-2')).toMatchObject({ problem: { class: 'server_unknown' } })
})

test('a plan of an egg that the panel does not have is refused before anybody pays for it', async () => {
  expect(await checked('eggless')).toMatchObject({
    problem: { class: 'egg_missing', message: expect.stringContaining('/admin/plan-specs/eggless') },
  })
})

test('a plan of another egg, or with ports that its node does not have, is refused before anybody pays for it', async () => {
  expect(await checked('other-game')).toMatchObject({
    problem: { class: 'other_egg', message: expect.stringContaining('another egg (2)') },
  })
  expect(await checked('ported')).toMatchObject({ problem: null })
  expect(await checked('far-port')).toMatchObject({
    problem: { class: 'no_capacity', message: expect.stringContaining('no free ports') },
  })
})

test('a plan of another egg that may reinstall the server fits once that is agreed to, if its egg takes what it is given', async () => {
  expect(await checked('rust')).toMatchObject({
    problem: { class: 'reinstall_needed', message: expect.stringContaining('its files may be lost') },
  })
  expect(await checked('rust', 'o-1', true)).toMatchObject({ problem: null })
  expect(await checked('no-password', 'o-1', true)).toMatchObject({
    problem: { class: 'plan_unfit', message: expect.stringContaining('RCON_PASS') },
  })
  expect(await checked('other-game', 'o-1', true)).toMatchObject({ problem: { class: 'other_egg' } })
})

test('a panel that does not answer is not needed for what it has shown before, but for other ports', async () => {
  await checked('larger')
  seller.panel.addFault({ when: { path: '.' }, do: { kind: 'status', status: 500 } })
  try {
    expect(await checked('larger')).toMatchObject({ problem: null })
    expect(await checked('enormous')).toMatchObject({ problem: { class: 'no_capacity' } })
    expect(await checked('rust')).toMatchObject({ problem: { class: 'reinstall_needed' } })
    await expect(checked('ported')).rejects.toMatchObject({ code: 'panel_away' })
  } finally {
    seller.panel.removeFaults()
  }
})

test('a server that is known to be otherwise than its plan is looked at', async () => {
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ nextAttemptAt: null, leaseToken: null }),
  )
  seller.panel.change({ servers: [{ id: seller.onPanel('o-1')[0]?.id ?? 0, egg_id: 2 }] })
  await seller.send('POST', '/admin/drifts/sweep')
  expect(await checked('larger')).toMatchObject({ problem: { class: 'other_egg' } })
  seller.panel.change({ servers: [{ id: seller.onPanel('o-1')[0]?.id ?? 0, egg_id: 1 }] })
  await seller.send('POST', '/admin/drifts/sweep')
})

test('a server that the panel no longer has gets no other plan, also before a sweep has seen that', async () => {
  await seller.sell(paidOrder('o-gone'))
  await seller.provisioned('o-gone')
  seller.panel.change({ delete: { servers: [seller.onPanel('o-gone')[0]?.id ?? 0] } })
  await seller.sell(paidOrder('o-gone', { version: 3 }), 'order.changed')
  await eventually(async () =>
    expect(await seller.serverOf('o-gone')).toMatchObject({ errorClass: 'server_missing' }),
  )
  expect(await checked('larger', 'o-gone')).toMatchObject({ problem: { class: 'server_missing' } })
})

test('a smaller disk is told before, for what the server uses of it is not known', async () => {
  expect(await checked('smaller')).toMatchObject({
    problem: null,
    warnings: [expect.stringMatching(/from 10240 to 1024 MiB.*does not start again until files are deleted/)],
  })
  expect(await checked('roomy')).toEqual({ problem: null, warnings: [] })
})

test('asking holds nothing', async () => {
  const before = await seller.prisma.allocationClaim.findMany()
  await checked('larger')
  expect(await seller.prisma.allocationClaim.findMany()).toEqual(before)
})

function checked(plan: string, order_id = 'o-1', reinstall?: boolean) {
  return ask({ nats, contract: checkChange, request: { order_id, plan, reinstall }, timeoutMs: 10_000 })
}
