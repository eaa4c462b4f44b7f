import { expect, test } from 'vitest'
import { plainText } from './plain-text.ts'

test.each([
  ['The egg is gone.', 'The egg is gone.'],
  ['\u001b[31m red\u001b[0m', '[31m red [0m'],
  ['two\r\nlines\u2028more\0', 'two lines more'],
  ['turned \u202e around', 'turned around'],
  ['Größe 🎮', 'Größe 🎮'],
  ['half \ud83c a letter', 'half \ufffd a letter'],
])('%j is shown as %j', (text, shown) => expect(plainText(text)).toBe(shown))

test('a long text is cut, and never within a letter', () => {
  expect(plainText('x'.repeat(2_000))).toBe(`${'x'.repeat(999)}…`)
  expect(plainText('🎮🎮🎮', 4).isWellFormed()).toBe(true)
})
