import { expect, test } from 'vitest'
import { statusAfter } from './server-events.ts'

test('what is told of a server says where it stands', () => {
  for (const news of ['provisioning', 'provisioned', 'failed', 'suspended', 'terminated'] as const)
    expect(statusAfter(news, 'none')).toBe(news)
  expect(statusAfter('resumed', 'suspended')).toBe('provisioned')
})

test('a server that is there is not called waiting while it waits for something, and is resized where it stands', () => {
  for (const before of ['provisioned', 'suspended'] as const) {
    expect(statusAfter('waiting', before)).toBe(before)
    expect(statusAfter('resized', before)).toBe(before)
  }
  for (const before of ['none', 'failed'] as const) expect(statusAfter('waiting', before)).toBe('waiting')
})
