import type { OrderState } from '@spawnpoint/contracts'
import { eventually } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

let seller: Seller

beforeEach(async () => {
  seller = await openSeller({ install: { mode: 'at-once' } })
  await seller.send('PUT', '/admin/plan-specs/rust', {
    ptero_egg_id: 2,
    limits: { memory: 3072, disk: 10240 },
    environment: { RCON_PASS: 'example-password' },
    egg_change: 'reinstall',
  })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
})

afterEach(() => seller[Symbol.asyncDispose]())

test('a plan of another egg that is agreed to makes the server that of the new game, and installs it once', async () => {
  const [before] = seller.onPanel('o-1')
  await change({ plan: 'rust', delivery: agreed })
  await isRust()
  const [after] = seller.onPanel('o-1')
  expect(after).toMatchObject({
    id: before?.id,
    allocation: before?.allocation,
    limits: { memory: 3072 },
    container: {
      image: 'ghcr.io/pterodactyl/games:rust',
      startup_command: expect.stringContaining('RustDedicated'),
      environment: { RCON_PASS: 'example-password', HOSTNAME: 'A Rust Server' },
    },
  })
  expect((await seller.publishedFor('o-1')).slice(-3)).toEqual([
    'server.resized',
    'server.provisioning',
    'server.provisioned',
  ])
  expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({ plan: 'rust', status: 'provisioned' })
  expect(reinstalls()).toBe(1)
  // The next change leaves what the customer has by then.
  await seller.send('PUT', '/admin/plan-specs/rust-large', {
    ptero_egg_id: 2,
    limits: { memory: 4096, disk: 10240 },
    environment: { RCON_PASS: 'example-password' },
  })
  await change({ plan: 'rust-large', version: 4, delivery: agreed })
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ limits: { memory: 4096 } }]))
  await settled()
  expect(reinstalls()).toBe(1)
})

test('without agreement it stays what it is, and says what would be done', async () => {
  const [before] = seller.onPanel('o-1')
  await change({ plan: 'rust', delivery: { ...agreed, reinstall_for: 'another' } })
  await eventually(async () =>
    expect((await seller.statesOf('o-1')).at(-1)).toMatchObject({
      status: 'provisioned',
      error_class: 'reinstall_needed',
      error_message: expect.stringMatching(/reinstalled, and its files may be lost.*"reinstall": true/),
    }),
  )
  expect(seller.onPanel('o-1')).toEqual([before])
  await change({ plan: 'rust', version: 4, delivery: agreed })
  await isRust()
  expect(reinstalls()).toBe(1)
})

test('a reinstall whose answer is lost is not asked for again once the panel has begun it', async () => {
  seller.panel.planInstalls({ mode: 'never' }, 'o-1')
  seller.panel.addFault({ when: { path: '/reinstall$', times: 1 }, do: { kind: 'lost-response' } })
  await change({ plan: 'rust', delivery: agreed })
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ egg: 2, status: 'installing' }]))
  await eventually(async () => expect(await seller.serverOf('o-1')).toMatchObject({ reinstallEgg: null }))
  seller.panel.planInstalls({ mode: 'at-once' }, 'o-1')
  await isRust()
  expect(wingsReinstalls()).toBe(1)
})

test('nor where it is over before anybody looks', async () => {
  seller.panel.addFault({ when: { path: '/reinstall$', times: 1 }, do: { kind: 'lost-response' } })
  await change({ plan: 'rust', delivery: agreed })
  await isRust()
  expect(wingsReinstalls()).toBe(1)
})

test('a reinstall that the panel never carried out is asked for again when it can no longer be', async () => {
  seller.panel.addFault({ when: { path: '/reinstall$', times: 1 }, do: { kind: 'status', status: 500 } })
  await change({ plan: 'rust', delivery: agreed })
  await isRust()
  expect(wingsReinstalls()).toBe(1)
})

test('a repair of an egg that was changed by hand reinstalls nothing, whatever was agreed to before', async () => {
  await change({ plan: 'rust', delivery: agreed })
  await isRust()
  const [server] = seller.onPanel('o-1')
  seller.panel.change({ servers: [{ id: server?.id ?? 0, egg_id: 1 }] })
  await seller.send('POST', '/admin/drifts/sweep')
  const { data } = (await (await seller.send('GET', '/admin/drifts?state=open')).json()) as {
    data: { drift_id: string }[]
  }
  await seller.send('POST', `/admin/drifts/${data[0]?.drift_id}/repair`)
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'other_egg' }),
  )
  expect(reinstalls()).toBe(1)
})

test('an install of the new game that fails is left to a person', async () => {
  seller.panel.planInstalls({ mode: 'fail' }, 'o-1')
  await change({ plan: 'rust', delivery: agreed })
  await seller.becomes('o-1', 'failed')
  expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'install_failed', reinstallEgg: null })
  expect(reinstalls()).toBe(1)
})

test('a suspended server gets the new game, and is installed when it runs again', async () => {
  await seller.sell(
    paidOrder('o-1', { version: 3, desired: 'suspended', status: 'suspended' }),
    'order.suspended',
  )
  await seller.becomes('o-1', 'suspended')
  await change({ plan: 'rust', version: 4, desired: 'suspended', delivery: agreed })
  await eventually(() => expect(seller.onPanel('o-1')).toMatchObject([{ egg: 2, status: 'suspended' }]))
  await settled()
  expect(reinstalls()).toBe(0)
  await change({ plan: 'rust', version: 5, delivery: agreed })
  await isRust()
  expect(reinstalls()).toBe(1)
})

const agreed = {
  ...{ delivered: true, released: false, tried_regions: [], moving_to: null },
  reinstall_for: 'rust',
}

async function change(changes: Partial<OrderState>): Promise<void> {
  await seller.sell(paidOrder('o-1', { version: 3, ...changes }), 'order.changed')
}

async function isRust(): Promise<void> {
  await eventually(
    async () => {
      expect(await seller.serverOf('o-1')).toMatchObject({
        ...{ status: 'provisioned', nextAttemptAt: null, reinstallEgg: null, reinstallSentOf: null },
        ...{ errorClass: null, builtState: expect.stringContaining('"plan":"rust"') },
      })
      expect(seller.onPanel('o-1')).toMatchObject([{ egg: 2, status: null }])
    },
    { timeoutMs: 30_000 },
  )
}

async function settled(): Promise<void> {
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ nextAttemptAt: null, leaseToken: null }),
  )
}

/** How often the panel was asked. */
function reinstalls(): number {
  return seller.calls(/\/reinstall$/)
}

/** How often it was carried out. */
function wingsReinstalls(): number {
  return seller.panel.state().wings.calls.filter(({ path }) => path.endsWith('/reinstall')).length
}
