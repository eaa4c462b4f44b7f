import { sql, type Transaction } from '@spawnpoint/database'
import { keySecret, mainPanel } from '../panel-types/main-panel.ts'
import type { Sealed } from '../rules/key-ring.ts'

/** Where a panel is, and the key for it as it was kept. */
export type PanelPlace = { url: string; token: Sealed | null }

/** All panels that a seller has, by their ids; the environment's first. */
export async function readPanels(db: Transaction, mainUrl: string): Promise<Map<string, PanelPlace>> {
  const [panels, secrets] = await Promise.all([
    db.$queryRaw<{ id: string; url: string }[]>(sql`SELECT id, url FROM panel ORDER BY id`),
    db.$queryRaw<({ name: string } & Sealed)[]>(
      sql`SELECT name, ciphertext, key_id AS keyId FROM secrets WHERE name LIKE 'panel_token%'`,
    ),
  ])
  const tokens = new Map(secrets.map(({ name, ...sealed }) => [name, sealed]))
  return new Map(
    [{ id: mainPanel, url: mainUrl }, ...panels].map(({ id, url }) => [
      id,
      { url, token: tokens.get(keySecret(id)) ?? null },
    ]),
  )
}
