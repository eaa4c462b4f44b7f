import { expect, test } from 'vitest'
import { emailSchema } from './email.ts'

test.each([
  'a@example.com',
  "o'brien+tag@mail.example.co",
  'jörg@example.com',
  'jörg@müller.de',
  'a@xn--mller-kva.de',
  'δοκιμή@παράδειγμα.δοκιμή',
  '用户@例え.テスト',
  'kontakt@bücher.xn--p1ai',
])('%s is an address', (email) => {
  expect(emailSchema.safeParse(email).success).toBe(true)
})

test.each([
  'a@',
  '@example.com',
  'a b@example.com',
  'a..b@example.com',
  '.a@example.com',
  'a@example',
  'a@-example.com',
  'a@exam ple.com',
  'a@b@example.com',
  'a\u200b@example.com',
  'a\u202e@example.com',
  `${'a'.repeat(65)}@example.com`,
  '"a b"@example.com',
  'a@[127.0.0.1]',
  'a\n@example.com',
])('%j is none', (email) => {
  expect(emailSchema.safeParse(email).success).toBe(false)
})
