import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { hasExamplePassword, isGuessable } from './guessable.ts'

test.each([
  'aaaaaaaaaaaaaaaaaaaaaaaa',
  'abababababababababababab',
  'change-me-before-going-live',
  'CHANGEME1234567890',
  'your-api-key-goes-here-now',
  'whsec_your_webhook_signing_secret',
  'whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  '<the secret of the shop>',
  'sk_live_51H...a9',
  '0123456789abcdef0123',
])('%s is an example, or guessed', (secret) => expect(isGuessable(secret)).toBe(true))

test('what is made at random is neither', () => {
  const made = Array.from({ length: 2_000 }, () => randomBytes(24))
  const written = made.flatMap((bytes) =>
    (['hex', 'base64', 'base64url'] as const).map((as) => bytes.toString(as)),
  )
  expect(written.filter(isGuessable)).toEqual([])
})

test.each([
  ['mysql://spawnpoint_orders:password@mysql:3306/orders', true],
  ['mysql://orders:PASSWORD@mysql/orders?ssl-mode=REQUIRED', true],
  ['nats://order:f3a9c17e5b20d846@one:4222,nats://order:changeme@two:4222', true],
  ['nats://order:…@host:4222', true],
  ['mysql://password:f3a9c17e5b20d846@mysql/password', false],
  ['mysql://orders@127.0.0.1/orders', false],
  ['nats://order:f3a9c17e5b20d846@one:4222,nats://two:4222', false],
  ['nats://host:4222', false],
])('the password of %s is an example: %s', (url, isOne) => expect(hasExamplePassword(url)).toBe(isOne))
