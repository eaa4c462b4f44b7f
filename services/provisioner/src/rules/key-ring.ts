import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { keyRequest, mainPanel, panelOfSecret } from '../panel-types/main-panel.ts'

/** The first key encrypts; the others still decrypt what they once encrypted. */
export type KeyRing = { id: string; key: Buffer }[]

/** A secret as it is stored. */
export type Sealed = { ciphertext: string; keyId: string }

/** `name:<32 bytes in base64>`, several with commas, newest first. */
export function readKeyRing(text: string): KeyRing {
  const ring = text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [id = '', encoded = ''] = entry.trim().split(/:(.*)/s)
      const key = Buffer.from(encoded, 'base64')
      if (id === '' || key.length !== 32)
        throw new Error('SECRETS_KEYS is a list of name:<32 bytes in base64>')
      return { id, key }
    })
  const ids = ring.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) < index)
  if (twice !== undefined) throw new Error(`SECRETS_KEYS has the name ${twice} twice`)
  const [newest] = ring
  if (newest && isGuessed(newest.key))
    throw new Error(
      `The key ${newest.id} of SECRETS_KEYS can be guessed. Put a new one before it, new:<what \`openssl rand -base64 32\` makes>, and keep ` +
        `${newest.id} until \`npx spawnpoint secrets rotate\` has encrypted every secret with the new one`,
    )
  return ring
}

/** No bytes made at random: few different ones, the same ones again, or each as far from the last. Others only decrypt. */
function isGuessed(key: Buffer): boolean {
  const steps = new Set(key.subarray(1).map((byte, index) => byte - (key[index] ?? 0)))
  return new Set(key).size < 10 || steps.size < 4 || key.subarray(0, 16).equals(key.subarray(16))
}

/** What a secret is called, and the address that it is sent to; for anything else it does not open. */
export type Bound = { name: string; address: string }

/** Before what is bound to an address, too; without it, to the name alone: from before there was the other. */
const boundMark = 'v2:'

export function isBound({ ciphertext }: Pick<Sealed, 'ciphertext'>): boolean {
  return ciphertext.startsWith(boundMark)
}

/** AES-256-GCM: a ciphertext that was moved to another name, or whose address was changed, no longer opens. */
export function encryptSecret(ring: KeyRing, bound: Bound, value: string): Sealed {
  const newest = ring[0]
  if (!newest) throw new Error('SECRETS_KEYS is empty: there is no key to encrypt a secret with')
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', newest.key, iv).setAAD(associated(bound))
  const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  const bytes = Buffer.concat([iv, cipher.getAuthTag(), body])
  return { ciphertext: `${boundMark}${bytes.toString('base64')}`, keyId: newest.id }
}

/** Throws a `SecretUnreadable`. */
export function decryptSecret(ring: KeyRing, bound: Bound, sealed: Sealed): string {
  const { name, address } = bound
  const key = ring.find(({ id }) => id === sealed.keyId)?.key
  if (!key)
    throw new SecretUnreadable(
      `The secret ${name} cannot be read: it was encrypted with the key ${sealed.keyId}. Add that key at the end of SECRETS_KEYS, or ${mendOf(name)}.`,
    )
  const isOfNow = isBound(sealed)
  const bytes = Buffer.from(sealed.ciphertext.slice(isOfNow ? boundMark.length : 0), 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      .setAAD(isOfNow ? associated(bound) : Buffer.from(name))
      .setAuthTag(bytes.subarray(12, 28))
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new SecretUnreadable(
      `The secret ${name} was set for another address than ${address}, or ${sealed.keyId} in SECRETS_KEYS is another key by now: ${mendOf(name)}.`,
      { cause },
    )
  }
}

function mendOf(name: string): string {
  const panelId = panelOfSecret(name)
  const request = `set it again with ${keyRequest(panelId)}`
  return panelId === mainPanel
    ? `${request}, or let PANEL_TOKEN count with \`npx spawnpoint secrets delete ${name}\``
    : request
}

export class SecretUnreadable extends Error {
  override name = 'SecretUnreadable'
}

function associated({ name, address }: Bound): Buffer {
  return Buffer.from(JSON.stringify([name, address]))
}
