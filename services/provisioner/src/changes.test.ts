import { expect, test } from 'vitest'
import { adopted, done, failed, installing, troubled, waiting } from './changes.ts'
import type { PanelServer } from './panel/resources.ts'
import type { Server } from './server.ts'

const now = new Date('2026-11-23T12:00:00Z')
const auth = { class: 'panel_auth', message: 'The panel does not let us in' }
const at = { retryAfterMs: 0, random: 0 }

test('a server that was just found is told of and looked at in a second', () => {
  expect(adopted(server({ attempts: 3, error_class: 'panel_timeout' }), found, now)).toMatchObject({
    set: { ptero_server_id: 7, attempts: 0, error_class: null, installing_since: now },
    tell: 'provisioning',
    due: 1_000,
  })
})

test('an install is looked at again after as long as it has taken so far, in scaled time too', () => {
  const since = new Date(now.getTime() - 4_000)
  expect(installing(server({ installing_since: since }), found, now, 1)).toMatchObject({ due: 4_000 })
  expect(installing(server({ installing_since: since }), found, now, 0.5)).toMatchObject({ due: 8_000 })
  expect(installing(server({ installing_since: since }), found, now, 1).tell).toBeUndefined()
})

test('an installed server is news once, and again when it is another one', () => {
  expect(done(server(), found)).toMatchObject({ tell: 'provisioned', due: null })
  expect(done(server({ status: 'provisioned', ptero_server_id: 7 }), found).tell).toBeUndefined()
  expect(done(server({ status: 'provisioned', ptero_server_id: 6 }), found).tell).toBe('provisioned')
})

test('waiting for something is told at once, and again only when it is for something else', () => {
  const room = { class: 'no_capacity', message: 'No room' }
  expect(waiting(server(), room).tell).toBe('waiting')
  expect(waiting(server({ status: 'waiting', error_class: 'no_capacity' }), room).tell).toBeUndefined()
  expect(waiting(server({ status: 'waiting', error_class: 'panel_auth' }), room).tell).toBe('waiting')
})

test('a hiccup is told to nobody, what lasts is told the third time, once for each reason', () => {
  expect(troubled(server({ attempts: 0 }), auth, at).tell).toBeUndefined()
  expect(troubled(server({ attempts: 1 }), auth, at).tell).toBeUndefined()
  expect(troubled(server({ attempts: 2 }), auth, at).tell).toBe('waiting')
  const told = { attempts: 3, status: 'waiting', error_class: 'panel_auth' } as const
  expect(troubled(server(told), auth, at).tell).toBeUndefined()
  expect(troubled(server({ ...told, error_class: 'panel_timeout' }), auth, at).tell).toBe('waiting')
})

test('a server that is on the panel already is not called waiting', () => {
  for (const status of ['provisioning', 'provisioned'] as const)
    expect(troubled(server({ attempts: 9, status }), auth, at)).toMatchObject({
      tell: undefined,
      set: { error_class: 'panel_auth' },
    })
})

test('trouble is retried later each time, and not before the panel wants it', () => {
  expect(troubled(server({ attempts: 0 }), auth, at).due).toBe(1_000)
  expect(troubled(server({ attempts: 4 }), auth, at).due).toBe(16_000)
  expect(troubled(server({ attempts: 0 }), auth, { ...at, retryAfterMs: 30_000 }).due).toBe(30_000)
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

function server(changes: Partial<Server> = {}): Server {
  return {
    order_id: 'o-1',
    desired: 'running',
    order_version: 1,
    order_state: '{}',
    status: 'none',
    version: 0,
    generation: 0,
    attempts: 0,
    next_attempt_at: null,
    lease_token: null,
    unknown_until: null,
    create_started_at: null,
    installing_since: null,
    ptero_server_id: null,
    ptero_identifier: null,
    ptero_uuid: null,
    ptero_user_id: null,
    address: null,
    node_id: null,
    allocation_id: null,
    error_class: null,
    error_message: null,
    ...changes,
  }
}
