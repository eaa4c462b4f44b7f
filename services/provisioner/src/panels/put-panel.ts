import { inTransaction, sql } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { keySecret } from '../panel-types/main-panel.ts'
import { encryptSecret, type KeyRing } from '../rules/key-ring.ts'
import { readPanels } from '../store/panels.ts'
import { newestKey } from '../store/secrets.ts'
import { openToken } from './open-token.ts'
import { probePanel } from './probe-panel.ts'
import { standing } from './show-panels.ts'

type Given = { panelId: string; url: string; token: string | undefined }

/** Keeps where a panel is, and its key. What stands against using it is said; what can never be used is refused. */
export async function putPanel(
  { prisma, ring, mainUrl }: { prisma: PrismaClient; ring: KeyRing; mainUrl: string },
  { panelId, url, token }: Given,
): Promise<{ warnings: string[] }> {
  if (token !== undefined) newestKey(ring)
  const places = await readPanels(prisma, mainUrl)
  refuseTwice(places, { panelId, url })
  const known = places.get(panelId)
  if (token === undefined && known?.token && known.url !== url) throw tokenRequired(panelId)
  const kept = async () => (known?.token ? openToken(ring, panelId, known.token) : '')
  const warnings = await probePanel({ panelId, url, token: token === undefined ? kept : async () => token })
  await inTransaction(prisma, async (tx) => {
    await tx.$executeRaw(
      sql`INSERT INTO panel (id, kind, url, created_at, updated_at)
          VALUES (${panelId}, 'pterodactyl', ${url}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE url = VALUES(url), updated_at = VALUES(updated_at)`,
    )
    if (token === undefined) return
    const name = keySecret(panelId)
    const { ciphertext, keyId } = encryptSecret(ring, name, token)
    await tx.$executeRaw(
      sql`INSERT INTO secrets (name, ciphertext, key_id, updated_at)
          VALUES (${name}, ${ciphertext}, ${keyId}, UTC_TIMESTAMP(3))
          ON DUPLICATE KEY UPDATE ciphertext = VALUES(ciphertext), key_id = VALUES(key_id), updated_at = VALUES(updated_at)`,
    )
  })
  const isMoved = known !== undefined && known.url !== url
  return { warnings: [...warnings, ...(isMoved ? await servers(prisma, panelId) : [])] }
}

// At an address that has none of them, each one counts as gone: nothing is suspended or deleted there any more.
async function servers(prisma: PrismaClient, panelId: string): Promise<string[]> {
  const [row] = await prisma.$queryRaw<{ n: bigint | number }[]>(
    sql`SELECT COUNT(*) AS n FROM server WHERE panel_id = ${panelId} AND ${standing}`,
  )
  const n = Number(row?.n ?? 0)
  if (n === 0) return []
  return [
    `${n} servers stand on it: \`npx spawnpoint drifts sweep\` says which of them are not at the new address.`,
  ]
}

// Its places would be counted twice.
function refuseTwice(places: Map<string, { url: string }>, { panelId, url }: Omit<Given, 'token'>): void {
  for (const [id, place] of places)
    if (id !== panelId && place.url === url)
      throw new Problem(409, 'panel_url_taken', `The panel at ${url} is known already: it is ${id}.`)
}

// A key goes only where whoever gave it wanted it to go.
function tokenRequired(panelId: string): Problem {
  const message = `The key that is kept for ${panelId} is for another address: give the token for this one.`
  return new Problem(422, 'token_required', message, { errors: [{ path: 'token', message }] })
}
