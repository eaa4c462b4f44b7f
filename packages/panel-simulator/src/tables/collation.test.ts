import { expect, test } from 'vitest'
import { holdsText, sameText } from './collation.ts'

test.each([
  ['ord-1', 'ORD-1', true],
  ['ord-1', 'ord-1  ', true],
  ['ord-1', 'örd-1', true],
  ['ord-1', ' ord-1', false],
  ['ord-1', 'ord-2', false],
])('%j is the same as %j: %s', (a, b, same) => {
  expect(sameText(a, b)).toBe(same)
})

test('null equals nothing, not even null', () => {
  expect(sameText(null, null)).toBe(false)
})

test('a filter finds a part in any case, and takes _ and % as they are', () => {
  expect(holdsText('ord-17', 'RD-1')).toBe(true)
  expect(holdsText('ord-1', 'ord_1')).toBe(false)
  expect(holdsText('ord-1', '%')).toBe(false)
})
