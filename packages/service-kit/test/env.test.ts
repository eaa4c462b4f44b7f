import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { baseEnv, readEnv } from '../src/index.ts'

const schema = z.object({ API_KEYS: baseEnv.API_KEYS })
const read = (API_KEYS: string) => readEnv(schema, { API_KEYS }).API_KEYS

test('API keys are read by their names', () => {
  expect([...read(`shop:${'a'.repeat(16)}, ops:${'b'.repeat(16)}`).keys()]).toEqual(['shop', 'ops'])
  expect(read(`${'n'.repeat(63)}:${'a'.repeat(16)}`).size).toBe(1)
})

test.each([
  ['a name twice', `shop:${'a'.repeat(16)},shop:${'b'.repeat(16)}`, 'has the name shop twice'],
  ['a name of 64 characters', `${'n'.repeat(64)}:${'a'.repeat(16)}`, 'names of 63 at most'],
  ['a short secret', 'shop:short', 'secrets of 16 characters'],
])('API keys with %s are refused', (_, keys, why) => {
  expect(() => read(keys)).toThrow(why)
})

test('the former name of a variable is accepted with a warning, and the new one wins', () => {
  const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const batches = z.object({ MAX_BATCH: baseEnv.MAX_BATCH })
  expect(readEnv(batches, { MAX_LIST: '8' })).toEqual({ MAX_BATCH: 8 })
  expect(warn.mock.calls).toEqual([['MAX_LIST is deprecated: set MAX_BATCH instead\n']])
  expect(readEnv(batches, { MAX_LIST: '8', MAX_BATCH: '9' })).toEqual({ MAX_BATCH: 9 })
  expect(warn).toHaveBeenCalledTimes(1)
  warn.mockRestore()
})
