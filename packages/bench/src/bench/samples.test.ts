import { expect, test } from 'vitest'
import { median, percentile, ratios, spread } from './samples.ts'

test('a percentile is one of the values: the smallest that so many do not exceed', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect([percentile(values, 50), percentile(values, 99), percentile(values, 100)]).toEqual([50, 99, 100])
  expect([median([9, 1, 5]), median([7])]).toEqual([5, 7])
  expect(spread([9, 1, 5])).toEqual({ least: 1, most: 9 })
})

test('an empty list has no percentile', () => {
  expect(() => median([])).toThrow('no values')
})

test('ratios pair what was measured together, and want a pair for each', () => {
  expect(ratios([10, 30], [5, 10])).toEqual([2, 3])
  expect(() => ratios([1, 2], [1])).toThrow('as many')
})
