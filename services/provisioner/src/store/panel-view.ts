import { againAfterRaces, empty, join, sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import { type ViewPart, wantedParts } from '../rules/view-parts.ts'
import { inMs } from './clock.ts'

type Source = { panelId: string; url: string }
export type StoredPart = { part: ViewPart; shownAt: Date; ageMs: number; items: unknown }

/** The parts that a replica has stored since those that are known here. */
export async function readNewerParts(
  prisma: PrismaClient,
  { panelId, url }: Source,
  known: ReadonlyMap<ViewPart, { shownAt: Date }>,
): Promise<StoredPart[]> {
  const stored = await prisma.panelView.findMany({
    where: { panelId, url },
    select: { part: true, shownAt: true },
  })
  const newer = stored.filter(({ part, shownAt }) => {
    const own = known.get(part as ViewPart)
    return !own || own.shownAt < shownAt
  })
  if (newer.length === 0) return []
  const rows = await prisma.panelView.findMany({
    where: { panelId, url, part: { in: newer.map(({ part }) => part) } },
  })
  const [clock] = await prisma.$queryRaw<{ now: Date }[]>(sql`SELECT UTC_TIMESTAMP(3) AS now`)
  return rows.map(({ part, shownAt, body }) => ({
    part: part as ViewPart,
    shownAt,
    ageMs: (clock?.now.getTime() ?? 0) - shownAt.getTime(),
    items: JSON.parse(body),
  }))
}

/** Stores what the panel showed at that time, unless a replica has stored something newer. */
export async function savePart(
  prisma: PrismaClient,
  { panelId, url }: Source,
  { part, shownAt, items }: Pick<StoredPart, 'part' | 'shownAt' | 'items'>,
): Promise<void> {
  const isOlder = sql`(shown_at <= ${shownAt} OR url <> ${url})`
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`INSERT INTO panel_view (panel_id, part, shown_at, url, body)
          VALUES (${panelId}, ${part}, ${shownAt}, ${url}, ${JSON.stringify(items)})
          ON DUPLICATE KEY UPDATE body = IF(${isOlder}, VALUES(body), body), claimed_until = NULL,
            shown_at = IF(${isOlder}, VALUES(shown_at), shown_at), url = VALUES(url)`,
    ),
  )
}

/** Whether this replica is the one to read a part again; the others get what it stores. A part that is not stored may be read by several. */
export async function claimPart(
  prisma: PrismaClient,
  { panelId, url }: Source,
  { part, shownAt }: { part: ViewPart; shownAt: Date },
): Promise<boolean> {
  const claimed = await prisma.$executeRaw(
    sql`UPDATE panel_view SET claimed_until = ${inMs(claimMs)}
        WHERE panel_id = ${panelId} AND part = ${part} AND url = ${url} AND shown_at <= ${shownAt}
          AND (claimed_until IS NULL OR claimed_until <= UTC_TIMESTAMP(3))`,
  )
  return claimed > 0
}

/** Longer than any call; a replica that dies keeps it for so long. */
const claimMs = 90_000

/** The part could not be read: whoever comes next may try. */
export async function releasePart(prisma: PrismaClient, { panelId }: Source, part: ViewPart): Promise<void> {
  await prisma.panelView.updateMany({ where: { panelId, part }, data: { claimedUntil: null } })
}

/** The parts that sales on a panel need now: of the nodes of its regions, and of the eggs of its plans. */
export async function readWantedParts(prisma: PrismaClient, panelId: string): Promise<ViewPart[]> {
  const nodes = await prisma.$queryRaw<{ node_id: number; cpu: number | null }[]>(
    sql`SELECT node_id, cpu FROM region_node_map LEFT JOIN region ON region.region = region_node_map.region
        WHERE COALESCE(region.panel_id, ${mainPanel}) = ${panelId} AND enabled`,
  )
  const specs = await prisma.planSpec.findMany({ where: { panelId }, select: { pteroEggId: true } })
  return wantedParts({
    nodeIds: nodes.map(({ node_id }) => node_id),
    countsCpu: nodes.some(({ cpu }) => cpu !== null),
    countsOnlySizes: nodes.some(({ cpu }) => cpu === null),
    eggIds: specs.map(({ pteroEggId }) => pteroEggId),
  })
}

/** Parts that have not been wanted for an hour: as long as one is stored, the reservations that it does not show yet are kept. */
export async function removeUnwantedParts(
  prisma: PrismaClient,
  panelId: string,
  wanted: ViewPart[],
): Promise<void> {
  const isUnwanted = wanted.length === 0 ? empty : sql`AND part NOT IN (${join(wanted)})`
  await againAfterRaces(() =>
    prisma.$executeRaw(
      sql`DELETE FROM panel_view
          WHERE panel_id = ${panelId} AND shown_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR ${isUnwanted}`,
    ),
  )
}
