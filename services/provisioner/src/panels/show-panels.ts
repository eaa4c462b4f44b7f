import { z } from '@hono/zod-openapi'
import { sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'
import { readPanels } from '../store/panels.ts'

export const panelSchema = z
  .object({
    panel: z.string(),
    kind: z.literal('pterodactyl'),
    url: z.string(),
    /** Whether a key is kept for it; never the key. */
    has_token: z.boolean(),
    regions: z.array(z.string()),
    /** How many servers stand there, or are asked for. */
    servers: z.number().int(),
  })
  .openapi('Panel')

type Shown = z.output<typeof panelSchema>

/** All panels, the environment's first. */
export async function showPanels(
  db: Transaction,
  main: { url: string; token: string | undefined },
): Promise<Shown[]> {
  const [places, regions, servers] = await Promise.all([
    readPanels(db, main.url),
    db.$queryRaw<{ region: string; panel_id: string }[]>(
      sql`SELECT region, panel_id FROM region ORDER BY region`,
    ),
    db.$queryRaw<{ panel_id: string; n: bigint | number }[]>(
      sql`SELECT panel_id, COUNT(*) AS n FROM server WHERE ${standing} GROUP BY panel_id`,
    ),
  ])
  return [...places].map(([panel, { url, token }]) => ({
    panel,
    kind: 'pterodactyl',
    url,
    has_token: token !== null || (panel === mainPanel && main.token !== undefined),
    regions: regions.filter(({ panel_id }) => panel_id === panel).map(({ region }) => region),
    servers: Number(servers.find(({ panel_id }) => panel_id === panel)?.n ?? 0),
  }))
}

/** What is on its panel, or may come to be. */
export const standing = sql`(ptero_server_id IS NOT NULL
  OR (generation > 0 AND desired <> 'none' AND status <> 'terminated'))`
