import { expect, test } from 'vitest'
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
