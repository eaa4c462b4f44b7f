import { expect, test } from 'vitest'
import { partOf } from './amounts.ts'

test.each([
  [1000, 0.5, 'eur', 500],
  [999, 1 / 3, 'usd', 333],
  [-999, 0.5, 'usd', -500],
  [1201, 0.5, 'jpy', 601],
  [2990, 1 / 3, 'kwd', 1000],
  [0, 0.5, 'eur', 0],
])('%i times %f in %s is %i', (amount, share, currency, part) => {
  expect(partOf(amount, share, currency)).toBe(part)
})
