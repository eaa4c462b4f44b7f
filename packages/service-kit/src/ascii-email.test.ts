import { expect, test } from 'vitest'
import { asciiEmail } from './ascii-email.ts'

test.each([
  ['a@example.com', 'a@example.com'],
  ['A@EXAMPLE.com', 'A@EXAMPLE.com'],
  ['a@müller.example', 'a@xn--mller-kva.example'],
  ['jörg@müller.example', 'jörg@xn--mller-kva.example'],
  ['用户@例え.テスト', '用户@xn--r8jz45g.xn--zckzah'],
])('%s is %s', (email, ascii) => {
  expect(asciiEmail(email)).toBe(ascii)
})
