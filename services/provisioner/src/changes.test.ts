import { expect, test } from 'vitest'
import { serverRow } from '../test/server-row.ts'
import { adopted, done, failed, installing, troubled, waiting } from './changes.ts'
import type { PanelServer } from './panel/resources.ts'

const now = new Date('2026-11-23T12:00:00Z')
const auth = { class: 'panel_auth', message: 'The panel does not let us in' }
const at = { retryAfterMs: 0, random: 0 }

test('a server that was just found is told of and looked at in a second', () => {
  expect(adopted(serverRow({ attempts: 3, error_class: 'panel_timeout' }), found, now)).toMatchObject({
    set: { ptero_server_id: 7, attempts: 0, error_class: null, installing_since: now },
    tell: 'provisioning',
    due: 1_000,
  })
})

test('an install is looked at again after as long as it has taken so far, in scaled time too', () => {
  const since = new Date(now.getTime() - 4_000)
  expect(installing(serverRow({ installing_since: since }), found, now, 1)).toMatchObject({ due: 4_000 })
  expect(installing(serverRow({ installing_since: since }), found, now, 0.5)).toMatchObject({ due: 8_000 })
  expect(installing(serverRow({ installing_since: since }), found, now, 1).tell).toBeUndefined()
})

test('an installed server is news once, and again when it is another one', () => {
  expect(done(serverRow(), found)).toMatchObject({ tell: 'provisioned', due: null })
  expect(done(serverRow({ status: 'provisioned', ptero_server_id: 7 }), found).tell).toBeUndefined()
  expect(done(serverRow({ status: 'provisioned', ptero_server_id: 6 }), found).tell).toBe('provisioned')
})

test('waiting for something is told at once, and again only when it is for something else', () => {
  const room = { class: 'no_capacity', message: 'No room' }
  expect(waiting(serverRow(), room).tell).toBe('waiting')
  expect(waiting(serverRow({ status: 'waiting', error_class: 'no_capacity' }), room).tell).toBeUndefined()
  expect(waiting(serverRow({ status: 'waiting', error_class: 'panel_auth' }), room).tell).toBe('waiting')
})

test('a hiccup is told to nobody, what lasts is told the third time, once for each reason', () => {
  expect(troubled(serverRow({ attempts: 0 }), auth, at).tell).toBeUndefined()
  expect(troubled(serverRow({ attempts: 1 }), auth, at).tell).toBeUndefined()
  expect(troubled(serverRow({ attempts: 2 }), auth, at).tell).toBe('waiting')
  const told = { attempts: 3, status: 'waiting', error_class: 'panel_auth' } as const
  expect(troubled(serverRow(told), auth, at).tell).toBeUndefined()
  expect(troubled(serverRow({ ...told, error_class: 'panel_timeout' }), auth, at).tell).toBe('waiting')
})

test('a server that is on the panel already is not called waiting', () => {
  for (const status of ['provisioning', 'provisioned'] as const)
    expect(troubled(serverRow({ attempts: 9, status }), auth, at)).toMatchObject({
      tell: undefined,
      set: { error_class: 'panel_auth' },
    })
})

test('trouble is retried later each time, and not before the panel wants it', () => {
  expect(troubled(serverRow({ attempts: 0 }), auth, at).due).toBe(1_000)
  expect(troubled(serverRow({ attempts: 4 }), auth, at).due).toBe(16_000)
  expect(troubled(serverRow({ attempts: 0 }), auth, { ...at, retryAfterMs: 30_000 }).due).toBe(30_000)
})

test('what failed is due no more', () => {
  expect(failed(auth)).toMatchObject({ tell: 'failed', due: null, set: { error_class: 'panel_auth' } })
})

const found: PanelServer = {
  id: 7,
  external_id: 'o-1',
  uuid: 'a-b',
  identifier: 'a',
  status: 'installing',
  user: 1,
  node: 1,
  allocation: 5,
}
