import { expect, test } from 'vitest'
import { statusAfter } from './server-events.ts'

test('each published event determines the status of the server', () => {
  for (const news of ['provisioning', 'provisioned', 'failed', 'suspended', 'terminated'] as const)
    expect(statusAfter(news, 'none')).toBe(news)
  expect(statusAfter('resumed', 'suspended')).toBe('provisioned')
})

test('an existing server keeps its status while it waits, and is resized in place', () => {
  for (const before of ['provisioned', 'suspended'] as const) {
    expect(statusAfter('waiting', before)).toBe(before)
    expect(statusAfter('resized', before)).toBe(before)
  }
  for (const before of ['none', 'failed'] as const) expect(statusAfter('waiting', before)).toBe('waiting')
})
