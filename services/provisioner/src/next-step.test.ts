import { expect, test } from 'vitest'
import { serverRow } from '../test/server-row.ts'
import { nextStep } from './next-step.ts'
import type { PanelServer } from './panel/resources.ts'
import type { Server } from './server.ts'

const now = new Date('2026-11-23T12:00:00Z')

test('nothing is made for an order that wants no running server', () => {
  for (const desired of ['none', 'suspended', 'terminated'] as const)
    expect(nextStep({ server: serverRow({ desired }), observed: { found: null }, now })).toEqual({
      step: 'wait',
    })
})

test('what the panel does not have is created, also when it was there before', () => {
  expect(step(serverRow(), null)).toEqual({ step: 'create' })
  expect(step(serverRow({ status: 'provisioning', ptero_server_id: 7 }), null)).toEqual({ step: 'create' })
})

test('a server that is there unexpectedly is adopted, a known one is polled', () => {
  const found = onPanel({ status: 'installing' })
  expect(step(serverRow({ unknown_until: now }), found)).toEqual({ step: 'adopt', found })
  expect(step(serverRow({ ptero_server_id: 7, installing_since: now }), found)).toEqual({
    step: 'poll',
    found,
  })
})

test('an installed server is done, whether it was known or not', () => {
  const found = onPanel({ status: null })
  expect(step(serverRow(), found)).toEqual({ step: 'done', found })
  expect(step(serverRow({ ptero_server_id: 7, status: 'failed' }), found)).toEqual({ step: 'done', found })
})

test('what a person has to mend fails with its own name', () => {
  expect(step(serverRow(), onPanel({ status: 'install_failed' }))).toMatchObject({ class: 'install_failed' })
  expect(step(serverRow(), onPanel({ status: 'suspended' }))).toMatchObject({ class: 'suspended_on_panel' })
  expect(step(serverRow(), onPanel({ external_id: 'O-1' }))).toMatchObject({ class: 'external_id_taken' })
})

test('an install that takes more than an hour is given up, and not a moment before', () => {
  const known = { ptero_server_id: 7 }
  const found = onPanel({ status: 'installing' })
  expect(
    step(serverRow({ ...known, installing_since: new Date(now.getTime() - 3_600_000) }), found),
  ).toMatchObject({
    step: 'poll',
  })
  expect(
    step(serverRow({ ...known, installing_since: new Date(now.getTime() - 3_600_001) }), found),
  ).toMatchObject({
    class: 'install_timeout',
  })
})

test('a server whose external id somebody changed is still ours by its number and uuid', () => {
  const found = onPanel({ external_id: null })
  const known = { ptero_server_id: 7, status: 'provisioned' } as const
  expect(step(serverRow({ ...known, ptero_uuid: 'u' }), found)).toEqual({ step: 'done', found })
  // Only our own events remain of it after a recovery, and they have no uuid.
  expect(step(serverRow({ ...known, ptero_identifier: 'abcd1234' }), found)).toEqual({ step: 'done', found })
})

test('a number that is another server by now is nothing of ours', () => {
  const found = onPanel({ external_id: 'o-2' })
  for (const known of [{ ptero_uuid: 'v', ptero_identifier: 'abcd1234' }, { ptero_identifier: '99999999' }])
    expect(step(serverRow({ ptero_server_id: 7, ...known }), found)).toMatchObject({
      class: 'external_id_taken',
    })
})

function step(row: Server, found: PanelServer | null) {
  return nextStep({ server: row, observed: { found }, now })
}

function onPanel(changes: Partial<PanelServer>): PanelServer {
  return {
    id: 7,
    external_id: 'o-1',
    uuid: 'u',
    identifier: 'abcd1234',
    status: null,
    user: 3,
    node: 1,
    allocation: 5,
    ...changes,
  }
}
