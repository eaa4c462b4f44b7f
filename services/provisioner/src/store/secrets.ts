import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Secret } from '../generated/client.ts'
import { keySecret, type MainPanel } from '../panel-types/main-panel.ts'
import {
  type Bound,
  decryptSecret,
  encryptSecret,
  isBound,
  type KeyRing,
  type Sealed,
  SecretUnreadable,
} from '../rules/key-ring.ts'
import { readPanels } from './panels.ts'
import type { Tx } from './tx.ts'

export type Rotated = { key_id: string; rotated: string[]; kept: string[] }

type Keeper = { prisma: PrismaClient; ring: KeyRing; main: MainPanel }

/** Encrypts every secret with the newest key. If one cannot be decrypted, nothing is changed. */
export async function rotateSecrets(keeper: Keeper): Promise<Rotated> {
  const newest = newestKey(keeper.ring)
  return sealAnew(keeper, (secret) => !isBound(secret) || secret.keyId !== newest)
}

/** Binds what an earlier version had bound to its name alone to the address of its panel. */
export async function bindSecrets(keeper: Keeper): Promise<void> {
  if (keeper.ring.length > 0) await sealAnew(keeper, (secret) => !isBound(secret))
}

async function sealAnew(
  { prisma, ring, main }: Keeper,
  isOld: (secret: Sealed) => boolean,
): Promise<Rotated> {
  const addresses = new Map(
    [...(await readPanels(prisma, main))].map(([id, { url }]) => [keySecret(id), url]),
  )
  const boundTo = (name: string) => ({ name, address: addresses.get(name) ?? '' })
  const secrets = await prisma.secret.findMany({ orderBy: { name: 'asc' } })
  const old = secrets.filter(isOld)
  const read = readAll(old, (secret) => decryptSecret(ring, boundTo(secret.name), secret))
  const rotated: string[] = []
  for (const { name, ciphertext, value } of read) {
    const sealed = encryptSecret(ring, boundTo(name), value)
    // One that was set meanwhile is the newer one.
    const { count } = await prisma.secret.updateMany({ where: { name, ciphertext }, data: sealed })
    if (count > 0) rotated.push(name)
  }
  const kept = secrets.map(({ name }) => name).filter((name) => !rotated.includes(name))
  return { key_id: newestKey(ring), rotated, kept }
}

/** The name of the key that encrypts. */
export function newestKey(ring: KeyRing): string {
  const [newest] = ring
  if (newest) return newest.id
  throw new Problem(409, 'no_encryption_key', 'Set SECRETS_KEYS (name:<32 bytes in base64>) to keep secrets.')
}

/** All of them, or a problem that says of each one why it cannot be read. */
function readAll(secrets: Secret[], read: (secret: Secret) => string): (Secret & { value: string })[] {
  const unreadable: string[] = []
  const values = secrets.flatMap((secret) => {
    try {
      return [{ ...secret, value: read(secret) }]
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error
      unreadable.push(error.message)
      return []
    }
  })
  if (unreadable.length === 0) return values
  throw new Problem(409, 'secret_unreadable', `${unreadable.join(' ')} Nothing was changed.`)
}

/** Encrypts and stores it for the address that it is sent to, replacing an earlier one. */
export async function saveSecret(
  db: Tx,
  ring: KeyRing,
  { value, ...bound }: Bound & { value: string },
): Promise<Secret> {
  const row = { ...encryptSecret(ring, bound, value), updatedAt: new Date() }
  const { name } = bound
  return await db.secret.upsert({ where: { name }, create: { name, ...row }, update: row })
}

/** False where there is none. */
export async function deleteSecret(db: Tx, name: string): Promise<boolean> {
  const { count } = await db.secret.deleteMany({ where: { name } })
  return count > 0
}
