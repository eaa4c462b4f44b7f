import { sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import { keySecret, mainPanel } from '../panel-types/main-panel.ts'
import type { Sealed } from '../rules/key-ring.ts'

/** The address of a panel, and its encrypted key. */
export type PanelConnection = { url: string; token: Sealed | null }

/** All panels that a seller has, by their ids; the environment's first. */
export async function readPanels(db: Transaction, mainUrl: string): Promise<Map<string, PanelConnection>> {
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

/** 422, listing the known panels. */
export function noSuchPanel(id: string, known: string[]): Problem {
  const detail = `There is no panel ${id}; there is ${known.join(', ')}. PUT /admin/panels/${id} makes one.`
  return new Problem(422, 'panel_unknown', detail, { errors: [{ path: 'panel', message: detail }] })
}

/** The panel cannot be removed until the transaction ends; 422 where it just was. */
export async function lockPanel(tx: Transaction, id: string): Promise<void> {
  if (id !== mainPanel && !(await lockStoredPanel(tx, id))) throw noSuchPanel(id, [mainPanel])
}

/** False where there is none beside the environment's. */
export async function lockStoredPanel(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>(sql`SELECT 1 FROM panel WHERE id = ${id} FOR UPDATE`)
  return rows.length > 0
}

/** The panels that servers refer to, known or not. */
export async function panelsOfServers(db: Transaction): Promise<string[]> {
  const rows = await db.$queryRaw<{ panel_id: string }[]>(sql`SELECT DISTINCT panel_id FROM server`)
  return rows.map(({ panel_id }) => panel_id)
}

export type ShownPanel = {
  panel: string
  kind: 'pterodactyl'
  url: string
  has_token: boolean
  regions: string[]
  servers: number
}

/** All panels, the environment's first. */
export async function showPanels(
  db: Transaction,
  main: { url: string; token: string | undefined },
): Promise<ShownPanel[]> {
  const [connections, regions, servers] = await Promise.all([
    readPanels(db, main.url),
    db.$queryRaw<{ region: string; panel_id: string }[]>(
      sql`SELECT region, panel_id FROM region ORDER BY region`,
    ),
    db.$queryRaw<{ panel_id: string; n: bigint | number }[]>(
      sql`SELECT panel_id, COUNT(*) AS n FROM server WHERE ${isOnPanelSql} GROUP BY panel_id`,
    ),
  ])
  return [...connections].map(([panel, { url, token }]) => ({
    panel,
    kind: 'pterodactyl',
    url,
    has_token: token !== null || (panel === mainPanel && main.token !== undefined),
    regions: regions.filter(({ panel_id }) => panel_id === panel).map(({ region }) => region),
    servers: Number(servers.find(({ panel_id }) => panel_id === panel)?.n ?? 0),
  }))
}

/** What is on its panel, or may come to be. */
const isOnPanelSql = sql`(ptero_server_id IS NOT NULL
  OR (generation > 0 AND desired <> 'none' AND status <> 'terminated'))`

export async function countServers(db: Transaction, panelId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ n: bigint | number }[]>(
    sql`SELECT COUNT(*) AS n FROM server WHERE panel_id = ${panelId} AND ${isOnPanelSql}`,
  )
  return Number(row?.n ?? 0)
}

export async function savePanel(tx: Transaction, { id, url }: { id: string; url: string }): Promise<void> {
  await tx.$executeRaw(
    sql`INSERT INTO panel (id, kind, url, created_at, updated_at)
        VALUES (${id}, 'pterodactyl', ${url}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE url = VALUES(url), updated_at = VALUES(updated_at)`,
  )
}

/** Of a panel that may be removed: what still needs it. */
export async function panelUse(
  tx: Transaction,
  panelId: string,
): Promise<{ regions: string[]; servers: number; reservations: number }> {
  const regions = await tx.$queryRaw<{ region: string }[]>(
    sql`SELECT region FROM region WHERE panel_id = ${panelId} ORDER BY region`,
  )
  const servers = await countServers(tx, panelId)
  const [reserved] = await tx.$queryRaw<{ n: bigint | number }[]>(
    sql`SELECT COUNT(DISTINCT order_id) AS n FROM allocation_claim
        WHERE panel_id = ${panelId} AND on_panel_at IS NULL`,
  )
  return { regions: regions.map(({ region }) => region), servers, reservations: Number(reserved?.n ?? 0) }
}

/** The panel with its key and all that is its own. */
export async function deletePanel(tx: Transaction, panelId: string): Promise<void> {
  await tx.$executeRaw(sql`DELETE FROM secrets WHERE name = ${keySecret(panelId)}`)
  await tx.$executeRaw(sql`DELETE FROM plan_spec WHERE panel_id = ${panelId}`)
  await tx.$executeRaw(sql`DELETE FROM allocation_claim WHERE panel_id = ${panelId}`)
  await tx.$executeRaw(sql`DELETE FROM node_capacity WHERE panel_id = ${panelId}`)
  await tx.$executeRaw(sql`DELETE FROM panel_user WHERE panel_id = ${panelId}`)
  await tx.$executeRaw(sql`DELETE FROM panel WHERE id = ${panelId}`)
}
