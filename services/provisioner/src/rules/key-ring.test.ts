import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptSecret, encryptSecret, readKeyRing } from './key-ring.ts'

const key = (name: string) => `${name}:${randomBytes(32).toString('base64')}`

test('a secret opens under its name, also after a newer key came in front', () => {
  const old = key('k1')
  const sealed = encryptSecret(readKeyRing(old), 'panel_token', 'ptla_x')
  expect(sealed.keyId).toBe('k1')
  expect(decryptSecret(readKeyRing(`${key('k2')},${old}`), 'panel_token', sealed)).toBe('ptla_x')
  expect(() => decryptSecret(readKeyRing(old), 'another', sealed)).toThrow()
})

test('a key that is not 32 bytes long is refused', () => {
  expect(() => readKeyRing('k1:c2hvcnQ=')).toThrow('SECRETS_KEYS')
})
