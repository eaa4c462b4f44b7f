import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** The first key encrypts; the others still decrypt what they once encrypted. */
export type KeyRing = { id: string; key: Buffer }[]

/** A secret as it is stored. */
export type Sealed = { ciphertext: string; keyId: string }

/** `name:<32 bytes in base64>`, several with commas, newest first. */
export function readKeyRing(text: string): KeyRing {
  return text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [id = '', encoded = ''] = entry.trim().split(/:(.*)/s)
      const key = Buffer.from(encoded, 'base64')
      if (id === '' || key.length !== 32)
        throw new Error('SECRETS_KEYS is a list of name:<32 bytes in base64>')
      return { id, key }
    })
}

/** AES-256-GCM, bound to the secret's name: a ciphertext moved to another name no longer opens. */
export function encryptSecret(ring: KeyRing, name: string, value: string): Sealed {
  const newest = ring[0]
  if (!newest) throw new Error('SECRETS_KEYS is empty: there is no key to encrypt a secret with')
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', newest.key, iv).setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return {
    ciphertext: Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64'),
    keyId: newest.id,
  }
}

export function decryptSecret(ring: KeyRing, name: string, { ciphertext, keyId }: Sealed): string {
  const key = ring.find(({ id }) => id === keyId)?.key
  if (!key) throw new Error(`The secret ${name} was encrypted with ${keyId}, which SECRETS_KEYS has not`)
  const bytes = Buffer.from(ciphertext, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
