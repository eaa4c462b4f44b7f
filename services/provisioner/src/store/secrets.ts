import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Secret } from '../generated/client.ts'
import { decryptSecret, encryptSecret, type KeyRing } from '../rules/key-ring.ts'
import type { Tx } from './tx.ts'

export type Rotated = { key_id: string; rotated: string[]; kept: string[] }

/** Encrypts every secret with the newest key. If one cannot be decrypted, nothing is changed. */
export async function rotateSecrets(prisma: PrismaClient, ring: KeyRing): Promise<Rotated> {
  const newest = newestKey(ring)
  const secrets = await prisma.secret.findMany({ orderBy: { name: 'asc' } })
  const old = secrets.filter(({ keyId }) => keyId !== newest)
  const read = old.map((secret) => ({ ...secret, value: open(ring, secret) }))
  refuseUnreadable(read.filter(({ value }) => value === null))
  const rotated: string[] = []
  for (const { name, ciphertext, value } of read) {
    if (value === null) continue
    const sealed = encryptSecret(ring, name, value)
    // One that was set meanwhile is the newer one.
    const { count } = await prisma.secret.updateMany({ where: { name, ciphertext }, data: sealed })
    if (count > 0) rotated.push(name)
  }
  const kept = secrets.map(({ name }) => name).filter((name) => !rotated.includes(name))
  return { key_id: newest, rotated, kept }
}

/** The name of the key that encrypts. */
export function newestKey(ring: KeyRing): string {
  const [newest] = ring
  if (newest) return newest.id
  throw new Problem(409, 'no_encryption_key', 'Set SECRETS_KEYS (name:<32 bytes in base64>) to keep secrets.')
}

function refuseUnreadable(secrets: { name: string; keyId: string }[]): void {
  if (secrets.length === 0) return
  const which = secrets.map(({ name, keyId }) => `${name} (key ${keyId})`).join(', ')
  throw new Problem(
    409,
    'secret_unreadable',
    `No key of SECRETS_KEYS opens ${which}: add that key at the end, or set the secret again. Nothing was changed.`,
  )
}

function open(ring: KeyRing, secret: { name: string; ciphertext: string; keyId: string }): string | null {
  try {
    return decryptSecret(ring, secret.name, secret)
  } catch {
    return null
  }
}

/** Encrypts and stores it, replacing an earlier one. */
export async function saveSecret(
  db: Tx,
  ring: KeyRing,
  { name, value }: { name: string; value: string },
): Promise<Secret> {
  const row = { ...encryptSecret(ring, name, value), updatedAt: new Date() }
  return await db.secret.upsert({ where: { name }, create: { name, ...row }, update: row })
}
