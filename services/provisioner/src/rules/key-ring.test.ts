import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { decryptSecret, encryptSecret, isBound, readKeyRing } from './key-ring.ts'

const key = (name: string) => `${name}:${randomBytes(32).toString('base64')}`
const bound = { name: 'panel_token', address: 'https://panel.example.com' }

test('a secret opens under its name and address, also after a newer key came in front', () => {
  const old = key('k1')
  const sealed = encryptSecret(readKeyRing(old), bound, 'ptla_x')
  expect(sealed.keyId).toBe('k1')
  expect(decryptSecret(readKeyRing(`${key('k2')},${old}`), bound, sealed)).toBe('ptla_x')
})

test.each([
  ['name', { ...bound, name: 'panel_token/second' }],
  ['address', { ...bound, address: 'https://thief.example.com' }],
  ['name and address, of the same letters', { name: 'panel_token","https', address: '' }],
])('it does not open with another %s', (_, other) => {
  const ring = readKeyRing(key('k1'))
  const sealed = encryptSecret(ring, bound, 'ptla_x')
  expect(() => decryptSecret(ring, other, sealed)).toThrow('set the secret again')
})

test('one without its key names the key that is missing', () => {
  const sealed = encryptSecret(readKeyRing(key('k1')), bound, 'ptla_x')
  expect(() => decryptSecret(readKeyRing(key('k2')), bound, sealed)).toThrow('with the key k1')
})

test('one of before opens by its name, and shows that it is not bound to an address', () => {
  const ring = readKeyRing(key('k1'))
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', ring[0]?.key ?? '', iv).setAAD(Buffer.from(bound.name))
  const body = Buffer.concat([cipher.update('ptla_x', 'utf8'), cipher.final()])
  const sealed = {
    ciphertext: Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64'),
    keyId: 'k1',
  }
  expect(isBound(sealed)).toBe(false)
  expect(decryptSecret(ring, bound, sealed)).toBe('ptla_x')
  expect(isBound(encryptSecret(ring, bound, 'ptla_x'))).toBe(true)
})

test('a key that is not 32 bytes long is refused', () => {
  expect(() => readKeyRing('k1:c2hvcnQ=')).toThrow('SECRETS_KEYS')
})
