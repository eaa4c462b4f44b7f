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
  expect(() => decryptSecret(ring, other, sealed)).toThrow('was set for another address')
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

test.each([
  ['one byte again and again', Buffer.alloc(32, 7)],
  ['zeros', Buffer.alloc(32)],
  ['bytes that count up', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
  ['half a key twice', Buffer.concat([Buffer.from('a3f1c07e59d2b846'), Buffer.from('a3f1c07e59d2b846')])],
  ['a word', Buffer.from('password'.repeat(4))],
])('a key of %s encrypts nothing any more, and still decrypts', (_, bytes) => {
  const weak = `k1:${bytes.toString('base64')}`
  expect(() => readKeyRing(weak)).toThrow(/k1 of SECRETS_KEYS can be guessed.*secrets rotate/)
  expect(() => readKeyRing(weak)).not.toThrow(bytes.toString('base64'))
  expect(readKeyRing(`${key('k2')},${weak}`)).toHaveLength(2)
})

test('keys made at random are taken, also from printable characters', () => {
  const made = Array.from({ length: 5_000 }, (_, index) => key(`k${index}`))
  expect(readKeyRing(made.join(','))).toHaveLength(5_000)
  for (const one of made) expect(() => readKeyRing(one)).not.toThrow()
  const hex = Buffer.from(randomBytes(16).toString('hex')).toString('base64')
  expect(() => readKeyRing(`k1:${hex}`)).not.toThrow()
})

test('two keys of one name are refused', () => {
  expect(() => readKeyRing(`${key('k1')},${key('k1')}`)).toThrow('the name k1 twice')
})
