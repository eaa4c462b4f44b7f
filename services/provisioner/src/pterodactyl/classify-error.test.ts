import { expect, test } from 'vitest'
import { PanelError, type PanelErrorDetails } from '../panel-types/panel-error.ts'
import { classifyError } from './classify-error.ts'

test("a daemon's 401 is never about our key", () => {
  expect(classify({ status: 401, code: 'DaemonConnectionException' })).toMatchObject({
    class: 'node_unreachable',
  })
  expect(classify({ status: 401, code: 'AuthenticationException' })).toMatchObject({ class: 'panel_auth' })
})

test('a call that may have been carried out is rechecked', () => {
  expect(classify({ kind: 'timeout' })).toMatchObject({ kind: 'recheck' })
  expect(classify({ kind: 'not_json', status: 504 })).toMatchObject({ kind: 'recheck' })
  expect(classify({ status: 500, code: 'UniqueConstraintViolationException' })).toMatchObject({
    kind: 'recheck',
  })
  const fields = [{ field: 'external_id', rule: 'unique', detail: 'taken' }]
  expect(classify({ status: 422, code: 'ValidationException', fields })).toMatchObject({ kind: 'recheck' })
})

test('a body that the panel will always refuse needs a person', () => {
  const fields = [{ field: 'environment.X', rule: 'required', detail: 'The X variable field is required.' }]
  expect(classify({ status: 422, code: 'ValidationException', fields })).toMatchObject({ kind: 'permanent' })
})

test('a port that another server took is replaced', () => {
  const fields = [
    { field: 'allocation.default', rule: 'exists', detail: 'The selected allocation is invalid.' },
  ]
  expect(classify({ status: 422, code: 'ValidationException', fields })).toMatchObject({
    class: 'allocation_taken',
  })
})

function classify(details: Partial<PanelErrorDetails>) {
  return classifyError(new PanelError('POST /servers', { kind: 'http', detail: 'as it says', ...details }))
}
