import { describe, expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { serverRow } from '../../test/server-row.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { type NextStep, nextStep, type Policy } from './next-step.ts'
import type { Server } from './server.ts'

const now = new Date('2026-11-23T12:00:00Z')
const soon = new Date(now.getTime() + 1)
const known = { ptero_server_id: 7, ptero_uuid: 'abcd1234-u', generation: 1 }

describe('a server that is to run', () => {
  test('is created where the panel does not have it, also when it was there before', () => {
    expect(step({}, null)).toEqual({ step: 'create' })
    expect(step({ status: 'provisioning', ptero_server_id: 7 }, null)).toEqual({ step: 'create' })
  })

  test('is adopted where it is there unexpectedly, and polled where it is known', () => {
    const found = panelServer({ status: 'installing' })
    expect(step({ unknown_until: now }, found)).toEqual({ step: 'adopt', found })
    expect(step({ ...known, installing_since: now }, found)).toEqual({ step: 'poll', found })
  })

  test('is done once it is installed, whether it was known or not', () => {
    const found = panelServer()
    expect(step({}, found)).toEqual({ step: 'done', found })
    expect(step({ ...known, status: 'failed' }, found)).toEqual({ step: 'done', found })
  })

  test('waits for a person where another customer has its external id in other letters', () => {
    expect(step({}, panelServer({ external_id: 'O-1' }))).toMatchObject({ class: 'external_id_taken' })
  })

  test('is reinstalled for another egg once, whatever was answered', () => {
    const at = '2026-11-23T11:59:00+00:00'
    const found = panelServer({ egg: 2, updated_at: at })
    const due = { ...known, installed_at: now, status: 'provisioned', reinstall_egg: 2 } as const
    expect(step(due, found)).toEqual({ step: 'reinstall', found })
    const sent = { ...due, intent: 'reinstall', reinstall_sent_of: at } as const
    expect(step({ ...sent, unknown_until: soon }, found)).toEqual({ step: 'wait', until: soon })
    expect(step({ ...sent, unknown_until: now }, found)).toEqual({ step: 'reinstall', found })
    for (const updated_at of ['2026-11-23T11:59:01+00:00', undefined])
      expect(step({ ...sent, unknown_until: now }, { ...found, updated_at })).toMatchObject({ step: 'done' })
    expect(step(sent, { ...found, status: 'installing' })).toMatchObject({ step: 'poll' })
    // What it was to have was never given to it, or it is suspended.
    expect(step(due, panelServer({ egg: 1 }))).toMatchObject({ step: 'done' })
    const suspended = { ...due, desired: 'suspended', status: 'suspended', suspend_sent_at: now } as const
    expect(step(suspended, { ...found, status: 'suspended' })).toMatchObject({ step: 'done' })
  })

  test('is unsuspended where we suspended it, and left to a person where an administrator did', () => {
    const found = panelServer({ status: 'suspended' })
    const ours = { ...known, installed_at: now }
    expect(step({ ...ours, suspend_sent_at: now }, found)).toEqual({ step: 'unsuspend', found })
    expect(step({ ...ours, status: 'suspended' }, found)).toEqual({ step: 'unsuspend', found })
    expect(step({ ...ours, status: 'provisioned' }, found)).toMatchObject({ class: 'suspended_on_panel' })
  })
})

describe('an install', () => {
  const failures = ['install_failed', 'reinstall_failed'].map((status) => panelServer({ status }))

  test('that failed is retried twice, then a person has to intervene', () => {
    for (const found of failures) {
      expect(step({ ...known, reinstalls: 0 }, found)).toEqual({ step: 'reinstall', found })
      expect(step({ ...known, reinstalls: 1 }, found)).toEqual({ step: 'reinstall', found })
      expect(step({ ...known, reinstalls: 2 }, found)).toMatchObject({ class: 'install_failed' })
    }
  })

  test('of what a customer has files on is never begun by us', () => {
    for (const found of failures)
      expect(step({ ...known, installed_at: now }, found)).toMatchObject({ class: 'install_failed' })
  })

  test('that had failed before the suspension is started again, because unsuspended it would look finished', () => {
    const found = panelServer({ status: 'suspended' })
    expect(step({ ...known, suspend_sent_at: now }, found)).toEqual({ step: 'reinstall', found })
  })

  test('that takes more than an hour is given up, and not a moment before', () => {
    const found = panelServer({ status: 'installing' })
    const since = (ms: number) => ({ ...known, installing_since: new Date(now.getTime() - ms) })
    expect(step(since(3_600_000), found)).toMatchObject({ step: 'poll' })
    expect(step(since(3_600_001), found)).toMatchObject({ step: 'fail', class: 'install_timeout' })
    // It was ready before, or is not wanted to run: what is wanted of it comes later.
    for (const held of [{ status: 'provisioned' }, { desired: 'suspended' }] as const)
      expect(step({ ...since(3_600_001), ...held }, found)).toMatchObject({
        step: 'hold',
        class: 'install_timeout',
      })
  })
})

describe('a server that is to be suspended', () => {
  const desired = 'suspended'

  test('is suspended, and done once the panel shows it', () => {
    for (const status of [null, 'reinstall_failed']) {
      const found = panelServer({ status })
      expect(step({ ...known, desired }, found)).toEqual({ step: 'suspend', found })
    }
    const found = panelServer({ status: 'suspended' })
    expect(step({ ...known, desired }, found)).toEqual({ step: 'done', found })
  })

  test('is never suspended while it is installed or restored, because it would look ready afterwards', () => {
    const installing = panelServer({ status: 'installing' })
    expect(step({ ...known, desired }, installing)).toEqual({ step: 'poll', found: installing })
    expect(step({ desired, generation: 1 }, installing)).toEqual({ step: 'adopt', found: installing })
    const restored = panelServer({ status: 'restoring_backup' })
    expect(step({ ...known, desired }, restored)).toMatchObject({ step: 'hold', class: 'restoring_backup' })
    const found = panelServer({ status: 'install_failed' })
    expect(step({ ...known, desired }, found)).toEqual({ step: 'done', found })
  })

  test('needs nothing where it is not there, unless it may still come', () => {
    expect(step({ desired }, null)).toEqual({ step: 'done', found: null })
    expect(step({ desired, unknown_until: soon }, null)).toEqual({ step: 'wait', until: soon })
  })
})

describe('a server that is to go', () => {
  const desired = 'terminated'
  const policy = { mostReinstalls: 2, forceDeleteAfterMs: 60_000 }

  test('is deleted in whatever state it is', () => {
    for (const status of [null, 'installing', 'suspended', 'install_failed', 'something-new']) {
      const found = panelServer({ status })
      expect(step({ ...known, desired }, found)).toEqual({ step: 'delete', found, force: false })
    }
  })

  test('is deleted by force only by policy, and only after its time', () => {
    const found = panelServer()
    const asked = (ms: number) =>
      ({ ...known, desired, delete_sent_at: new Date(now.getTime() - ms) }) as const
    expect(step(asked(59_999), found, policy)).toMatchObject({ force: false })
    expect(step(asked(60_000), found, policy)).toMatchObject({ force: true })
    expect(step(asked(9_999_999), found)).toMatchObject({ force: false })
  })

  test('is gone once its absence proves it', () => {
    expect(step({ desired, generation: 1, unknown_until: soon }, null)).toEqual({ step: 'wait', until: soon })
    expect(step({ desired, generation: 1, unknown_until: now }, null)).toEqual({ step: 'done', found: null })
  })

  test('is gone as soon as it is not there, once it was asked to be deleted and no create may still be carried out', () => {
    const unknown_until = new Date(now.getTime() + 60_000)
    const intent_at = new Date(now.getTime() - 60_000)
    const asked = { ...known, desired, intent: 'delete', intent_at, unknown_until } as const
    const gone = { step: 'done', found: null }
    const waits = { step: 'wait', until: unknown_until }
    expect(step(asked, null)).toEqual(gone)
    // Known by its external id alone, it may have lost that by hand.
    expect(step({ ...asked, ptero_server_id: null }, null)).toEqual(waits)
    expect(step({ ...asked, intent: 'suspend' }, null)).toEqual(waits)
    expect(step({ ...asked, generation: 2 }, null)).toEqual(waits)
    const installed = (agoMs: number) => ({ installed_at: new Date(now.getTime() - agoMs) })
    expect(step({ ...asked, generation: 2, ...installed(119_999) }, null)).toEqual(waits)
    expect(step({ ...asked, generation: 2, ...installed(120_000) }, null)).toEqual(gone)
  })

  test('is never created again, whatever later events of its order say', () => {
    expect(step({ desired: 'running', status: 'terminated' }, null)).toEqual({ step: 'done', found: null })
    const found = panelServer()
    expect(step({ desired: 'running', status: 'terminated', generation: 1 }, found)).toMatchObject({
      step: 'delete',
    })
  })

  test('is ours to delete only where we asked for it', () => {
    const found = panelServer()
    expect(step({ desired, generation: 0 }, found)).toMatchObject({ class: 'external_id_taken' })
    expect(step({ desired, generation: 1 }, found)).toMatchObject({ step: 'delete' })
    expect(step({ desired, generation: 1 }, panelServer({ external_id: 'O-1' }))).toMatchObject({
      class: 'external_id_taken',
    })
  })
})

describe('an order that changed', () => {
  const built = {
    plan: 'small',
    environment: {},
    server_name: 'Home',
    customer: { id: null, email: 'a@example.com', name: 'A' },
  }
  const state = (changes: object) => JSON.stringify({ ...built, ...changes })
  const there = { ...known, built_state: state({}) }

  test('in its plan or its settings is followed by a resize, then in its name and owner', () => {
    const found = panelServer()
    for (const changes of [
      { plan: 'large' },
      { environment: { A: 'b' } },
      { plan: 'large', server_name: 'Castle' },
    ])
      expect(step({ ...there, order_state: state(changes) }, found)).toEqual({ step: 'resize', found })
    for (const changes of [
      { server_name: 'Castle' },
      { customer: { ...built.customer, email: 'c@example.com' } },
    ])
      expect(step({ ...there, order_state: state(changes) }, found)).toEqual({ step: 'rename', found })
    expect(step({ ...there, order_state: state({ version: 9 }) }, found)).toEqual({ step: 'done', found })
  })

  test('is followed while it is suspended, and not while it is installed', () => {
    const order_state = state({ plan: 'large' })
    const suspended = panelServer({ status: 'suspended' })
    expect(step({ ...there, order_state, desired: 'suspended' }, suspended)).toMatchObject({ step: 'resize' })
    expect(step({ ...there, order_state }, panelServer({ status: 'installing' }))).toMatchObject({
      step: 'poll',
    })
  })

  test('of unknown fields counts as applied', () => {
    const found = panelServer()
    expect(step({ ...known, order_state: state({ plan: 'large' }) }, found)).toEqual({ step: 'done', found })
    const built_state = JSON.stringify({ plan: 'small' })
    expect(step({ ...known, built_state, order_state: state({ server_name: 'X' }) }, found)).toEqual({
      step: 'done',
      found,
    })
  })
})

test('nothing is done for an order that wants nothing yet', () => {
  expect(step({ desired: 'none' }, null)).toEqual({ step: 'wait', until: null })
})

test('a server whose external id was changed by hand is still ours by its id and uuid', () => {
  const found = panelServer({ external_id: null })
  const there = { ptero_server_id: 7, status: 'provisioned' } as const
  expect(step({ ...there, ptero_uuid: 'abcd1234-u' }, found)).toEqual({ step: 'done', found })
  // Only our own events remain of it after a recovery, and they have no uuid.
  expect(step({ ...there, ptero_identifier: 'abcd1234' }, found)).toEqual({ step: 'done', found })
})

test('a number that is another server by now is nothing of ours', () => {
  const found = panelServer({ external_id: 'o-2' })
  for (const other of [{ ptero_uuid: 'v', ptero_identifier: 'abcd1234' }, { ptero_identifier: '99999999' }])
    expect(step({ ptero_server_id: 7, ...other }, found)).toMatchObject({ class: 'external_id_taken' })
})

test("another order's server is not touched, whatever external id it was given", () => {
  const observed = { found: panelServer(), orderOfFound: 'o-2' }
  const wanted = (row: Partial<Server>) => nextStep({ server: serverRow(row), observed, now })
  expect(wanted({ generation: 1 })).toMatchObject({ class: 'external_id_taken' })
  for (const desired of ['suspended', 'terminated'] as const)
    expect(wanted({ generation: 1, desired })).toEqual({ step: 'done', found: null })
})

function step(row: Partial<Server>, found: PanelServer | null, policy?: Policy): NextStep {
  return nextStep({ server: serverRow(row), observed: { found }, now, ...(policy ? { policy } : {}) })
}
