import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { serverRow } from '../../test/server-row.ts'
import type { Server } from './server.ts'
import { adopted, blocked, done, failed, installing, panelFailed, waiting } from './transitions.ts'

const now = new Date('2026-11-23T12:00:00Z')
const auth = { class: 'panel_auth', message: 'The panel does not let us in' }
const at = { retryAfterMs: 0, random: 0 }

test('a server that was just found is published and polled after a second', () => {
  expect(adopted(serverRow({ attempts: 3, error_class: 'panel_timeout' }), found, now)).toMatchObject({
    set: { ptero_server_id: 7, attempts: 0, error_class: null, installing_since: now },
    publish: 'provisioning',
    due: 1_000,
  })
})

test('an install is polled again after as long as it has taken so far, in scaled time too', () => {
  const since = new Date(now.getTime() - 4_000)
  expect(
    installing(serverRow({ installing_since: since }), found, { now, timeScale: 1, usualMs: null }),
  ).toMatchObject({ due: 4_000 })
  expect(
    installing(serverRow({ installing_since: since }), found, { now, timeScale: 0.5, usualMs: null }),
  ).toMatchObject({ due: 8_000 })
  expect(
    installing(serverRow({ installing_since: since }), found, { now, timeScale: 1, usualMs: null }).publish,
  ).toBeUndefined()
})

test('an installed server is published once, and again when it is another one', () => {
  expect(done(serverRow(), found, now)).toMatchObject({ publish: 'provisioned', due: null })
  expect(done(serverRow({ status: 'provisioned', ptero_server_id: 7 }), found, now).publish).toBeUndefined()
  expect(done(serverRow({ status: 'provisioned', ptero_server_id: 6 }), found, now).publish).toBe(
    'provisioned',
  )
})

test('waiting is published at once, and again only when its reason changes', () => {
  const room = { class: 'no_capacity', message: 'No room' }
  expect(waiting(serverRow(), room, now).publish).toBe('waiting')
  expect(
    waiting(serverRow({ status: 'waiting', error_class: 'no_capacity' }), room, now).publish,
  ).toBeUndefined()
  expect(waiting(serverRow({ status: 'waiting', error_class: 'panel_auth' }), room, now).publish).toBe(
    'waiting',
  )
})

test('a server that disappeared and cannot be placed again is nowhere', () => {
  const room = { class: 'no_capacity', message: 'No room' }
  const vanished = serverRow({ status: 'provisioned', ptero_server_id: 7, error_class: 'no_capacity' })
  const parked = { status: 'none', ptero_server_id: null }
  expect(waiting(vanished, room, now)).toMatchObject({ set: parked, publish: 'waiting' })
})

test('a server that waits for capacity is parked, but not while a create is in doubt', () => {
  const room = { class: 'no_capacity', message: 'No room' }
  expect(waiting(serverRow({ attempts: 3 }), room, now)).toMatchObject({ set: { attempts: 0 }, due: null })
  const unknown_until = new Date(now.getTime() + 1)
  expect(waiting(serverRow({ attempts: 3, unknown_until }), room, now, 0)).toMatchObject({
    set: { attempts: 4 },
    due: 8_000,
  })
})

test('a hiccup is not published, a lasting failure is the third time, once for each reason', () => {
  expect(panelFailed(serverRow({ attempts: 0 }), auth, at).publish).toBeUndefined()
  expect(panelFailed(serverRow({ attempts: 1 }), auth, at).publish).toBeUndefined()
  expect(panelFailed(serverRow({ attempts: 2 }), auth, at).publish).toBe('waiting')
  const told = { attempts: 3, status: 'waiting', error_class: 'panel_auth' } as const
  expect(panelFailed(serverRow(told), auth, at).publish).toBeUndefined()
  expect(panelFailed(serverRow({ ...told, error_class: 'panel_timeout' }), auth, at).publish).toBe('waiting')
})

test('of a server that is on the panel already a lasting failure is published too, once for each reason', () => {
  const there = { status: 'provisioned', error_class: 'panel_auth' } as const
  const published = (changes: Partial<Server>) =>
    panelFailed(serverRow({ ...there, ...changes }), auth, at).publish
  expect([0, 1, 2, 3, 9].map((attempts) => published({ attempts }))).toEqual([
    undefined,
    undefined,
    'waiting',
    undefined,
    undefined,
  ])
  expect(published({ attempts: 9, error_class: 'node_busy' })).toBeUndefined()
  expect(published({ attempts: 9, error_class: 'panel_timeout' })).toBe('waiting')
})

test('a failure is retried later each time, and not before the panel allows it', () => {
  expect(panelFailed(serverRow({ attempts: 0 }), auth, at).due).toBe(1_000)
  expect(panelFailed(serverRow({ attempts: 4 }), auth, at).due).toBe(16_000)
  expect(panelFailed(serverRow({ attempts: 0 }), auth, { ...at, retryAfterMs: 30_000 }).due).toBe(30_000)
})

test('what failed is due no more', () => {
  expect(failed(auth)).toMatchObject({ publish: 'failed', due: null, set: { error_class: 'panel_auth' } })
})

test('what is as the order wants it is remembered to be so, but not what was left as it is', () => {
  const recovered = serverRow({
    built_state: '{"plan":"small"}',
    order_state: '{"plan":"small","version":2}',
  })
  expect(done(recovered, found, now).set.built_state).toBe(recovered.order_state)
  const standing = { ...recovered, desired: 'suspended' } as const
  for (const [status, kept] of [
    ['suspended', recovered.order_state],
    ['install_failed', recovered.built_state],
  ] as const)
    expect(done(standing, panelServer({ status }), now).set.built_state).toBe(kept)
})

test('a server that runs again is published as resumed, unless it is another one', () => {
  const suspended = serverRow({ status: 'suspended', ptero_server_id: 7, suspend_sent_at: now })
  expect(done(suspended, found, now)).toMatchObject({ publish: 'resumed', set: { suspend_sent_at: null } })
  expect(done({ ...suspended, ptero_server_id: 6 }, found, now)).toMatchObject({ publish: 'provisioned' })
})

test('a suspended server is published once, with the record that we suspended it', () => {
  const shown = panelServer({ status: 'suspended' })
  const wanted = serverRow({ desired: 'suspended', status: 'provisioned' })
  expect(done(wanted, shown, now)).toMatchObject({ publish: 'suspended', set: { suspend_sent_at: now } })
  expect(done({ ...wanted, status: 'suspended' }, shown, now).publish).toBeUndefined()
  expect(done(wanted, null, now)).toMatchObject({ publish: 'suspended', set: { ptero_server_id: null } })
})

test('a server that is gone is published once, and its panel fields are cleared', () => {
  const ended = serverRow({ desired: 'terminated', status: 'provisioned', ptero_server_id: 7, node_id: 1 })
  expect(done(ended, null, now)).toMatchObject({
    publish: 'terminated',
    set: { ptero_server_id: null, ptero_uuid: null, address: null, node_id: null },
    due: null,
  })
  expect(done({ ...ended, status: 'terminated' }, null, now).publish).toBeUndefined()
})

test('a reached state is observed again once no call is in doubt any more', () => {
  const unknown_until = new Date(now.getTime() + 1)
  expect(
    done(serverRow({ unknown_until, intent: 'suspend', suspend_sent_at: now }), found, now),
  ).toMatchObject({
    due: unknown_until,
    set: { suspend_sent_at: now },
  })
  // The panel makes no second server.
  expect(done(serverRow({ unknown_until, intent: 'create' }), found, now).due).toBeNull()
})

test('a blocked server is published once for each reason, and retried later each time', () => {
  const full = { class: 'no_capacity', message: 'No room' }
  expect(blocked(serverRow({ attempts: 2 }), full, 0)).toMatchObject({ publish: 'waiting', due: 4_000 })
  expect(blocked(serverRow({ error_class: 'no_capacity' }), full).publish).toBeUndefined()
})

const found = panelServer({ status: 'installing' })
