import { sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import {
  keySecret,
  type MainPanel,
  mainPanel,
  type PanelKind,
  panelKinds,
} from '../panel-types/main-panel.ts'
import type { Sealed } from '../rules/key-ring.ts'
import type { Tx } from './tx.ts'

/** The address of a panel, of which kind it is, and its encrypted key. */
export type PanelConnection = { url: string; kind: PanelKind; token: Sealed | null }

/** All panels that a seller has, by their ids; the environment's first. */
export async function readPanels(
  db: Tx,
  main: Pick<MainPanel, 'url' | 'kind'>,
): Promise<Map<string, PanelConnection>> {
  const [panels, secrets] = await Promise.all([
    db.panel.findMany({ select: { id: true, url: true, kind: true }, orderBy: { id: 'asc' } }),
    db.secret.findMany({
      where: { name: { startsWith: 'panel_token' } },
      select: { name: true, ciphertext: true, keyId: true },
    }),
  ])
  const tokens = new Map(secrets.map(({ name, ...sealed }) => [name, sealed]))
  return new Map(
    [{ ...main, id: mainPanel }, ...panels].map(({ id, url, kind }) => [
      id,
      { url, kind: kindOf(kind), token: tokens.get(keySecret(id)) ?? null },
    ]),
  )
}

function kindOf(kind: string): PanelKind {
  return panelKinds.find((known) => known === kind) ?? 'pterodactyl'
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
export async function panelsOfServers(prisma: PrismaClient): Promise<string[]> {
  const rows = await prisma.server.groupBy({ by: ['panelId'] })
  return rows.map(({ panelId }) => panelId)
}

export type ShownPanel = {
  panel: string
  kind: PanelKind
  url: string
  has_token: boolean
  regions: string[]
  servers: number
}

/** All panels, the environment's first. */
export async function showPanels(prisma: PrismaClient, main: MainPanel): Promise<ShownPanel[]> {
  const [connections, regions, servers] = await Promise.all([
    readPanels(prisma, main),
    prisma.region.findMany({ orderBy: { region: 'asc' } }),
    prisma.server.groupBy({ by: ['panelId'], where: isOnPanel, _count: true }),
  ])
  return [...connections].map(([panel, { url, kind, token }]) => ({
    panel,
    kind,
    url,
    has_token: token !== null || (panel === mainPanel && main.token !== undefined),
    regions: regions.filter(({ panelId }) => panelId === panel).map(({ region }) => region),
    servers: servers.find(({ panelId }) => panelId === panel)?._count ?? 0,
  }))
}

/** What is on its panel, or may come to be. */
const isOnPanel = {
  OR: [
    { pteroServerId: { not: null } },
    { generation: { gt: 0 }, desired: { not: 'none' }, status: { not: 'terminated' } },
  ],
}

export async function countServers(db: Tx, panelId: string): Promise<number> {
  return await db.server.count({ where: { panelId, ...isOnPanel } })
}

export async function savePanel(
  tx: Tx,
  { id, url, kind }: { id: string; url: string; kind: PanelKind },
): Promise<void> {
  const updatedAt = new Date()
  await tx.panel.upsert({
    where: { id },
    create: { id, kind, url, createdAt: updatedAt, updatedAt },
    update: { url, kind, updatedAt },
  })
}

/** Of a panel that may be removed: what still needs it. */
export async function panelUse(
  tx: Tx,
  panelId: string,
): Promise<{ regions: string[]; servers: number; reservations: number }> {
  const regions = await tx.region.findMany({ where: { panelId }, orderBy: { region: 'asc' } })
  const servers = await countServers(tx, panelId)
  const reserved = await tx.allocationClaim.groupBy({ by: ['orderId'], where: { panelId, onPanelAt: null } })
  return { regions: regions.map(({ region }) => region), servers, reservations: reserved.length }
}

/** The panel with its key and all that is its own. */
export async function deletePanel(tx: Tx, panelId: string): Promise<void> {
  await tx.secret.deleteMany({ where: { name: keySecret(panelId) } })
  await tx.planSpec.deleteMany({ where: { panelId } })
  await tx.panelView.deleteMany({ where: { panelId } })
  await tx.allocationClaim.deleteMany({ where: { panelId } })
  await tx.nodeCapacity.deleteMany({ where: { panelId } })
  await tx.panelUser.deleteMany({ where: { panelId } })
  await tx.panel.deleteMany({ where: { id: panelId } })
}
