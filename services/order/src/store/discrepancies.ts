import { billingFindingKinds, type Discrepancy, type OrderMoney } from '@spawnpoint/contracts'
import { inTransaction, join, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, derivedId, newEvent } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient, Discrepancy as Row } from '../generated/client.ts'
import { billingDiscrepancies } from '../rules/discrepancies/billing-discrepancies.ts'
import { type Found, isOfMoney, subjectOf } from '../rules/discrepancies/find-discrepancies.ts'
import type { Tx } from './tx.ts'

export type DiscrepancyRow = Omit<Discrepancy, 'difference_id'> & { id: string }

/**
 * Records what a whole reconciliation found and publishes what is new. What it no longer found is over, unless something of it
 * changed just now: then it was not compared.
 */
export async function recordDiscrepancies(
  prisma: PrismaClient,
  found: Found[],
  isCompared: (kind: Discrepancy['kind'], subject: string) => boolean,
): Promise<{ found: number; told: number; over: number }> {
  let told = 0
  for (const one of found) told += (await recordOne(prisma, one)) ? 1 : 0
  const seen = new Set(found.map(idOf))
  const known = await prisma.discrepancy.findMany({ where: { state: { not: 'over' } } })
  const gone = known.map(fromRow).filter((row) => !seen.has(row.id) && isCompared(row.kind, subjectOf(row)))
  for (const { id } of gone) await changeDiscrepancy(prisma, id, { state: 'over' })
  return { found: found.length, told, over: gone.length }
}

/** What was found in an order's money when it was evaluated, in the transaction that saves it; what is no longer found is over. */
export async function recordBillingFindings(
  tx: Tx & Transaction,
  { id, money }: { id: string; money: Pick<OrderMoney, 'findings'> },
): Promise<void> {
  const found = billingDiscrepancies(id, money.findings ?? [])
  for (const one of found) await recordIn(tx, one)
  const seen = new Set(found.map(idOf))
  const known = await tx.$queryRaw<DiscrepancyRow[]>(
    sql`SELECT * FROM difference WHERE order_id = ${id} AND kind IN (${join([...billingFindingKinds])}) AND state <> 'over' FOR UPDATE`,
  )
  for (const row of known) if (!seen.has(row.id)) await write(tx, { ...row, state: 'over' })
}

/** Another state, published. `by`: who decided it, of what is not resolved yet. */
export async function changeDiscrepancy(
  prisma: PrismaClient,
  id: string,
  { state, by }: { state: Discrepancy['state']; by?: string },
): Promise<DiscrepancyRow> {
  return await inTransaction(prisma, async (tx) => {
    const row = await lock(tx, id)
    if (!row) throw discrepancyUnknown(id)
    if (row.state === state) return row
    if (by !== undefined && row.state === 'over')
      throw new Problem(409, 'difference_over', `Discrepancy ${id} is over: they agree again.`)
    return await write(tx, { ...row, state }, by)
  })
}

export async function readDiscrepancy(prisma: PrismaClient, id: string): Promise<DiscrepancyRow> {
  const row = await prisma.discrepancy.findUnique({ where: { id } })
  if (!row) throw discrepancyUnknown(id)
  return fromRow(row)
}

type Filter = { limit: number; starting_after?: string | undefined; state?: string | undefined }

/** By id. `next_cursor` is null on the last page. */
export async function listDiscrepancies(
  prisma: PrismaClient,
  { limit, starting_after = '', state }: Filter,
): Promise<{ data: Discrepancy[]; has_more: boolean; next_cursor: string | null }> {
  const rows = await prisma.discrepancy.findMany({
    where: { id: { gt: starting_after }, ...(state ? { state } : {}) },
    orderBy: { id: 'asc' },
    take: limit + 1,
  })
  const page = rows.slice(0, limit).map(fromRow)
  const has_more = rows.length > limit
  const next_cursor = has_more ? (page.at(-1)?.id ?? null) : null
  return { data: page.map(discrepancyOf), has_more, next_cursor }
}

type Open = { id: string; kind: string; order_id: string | null; finding: string }

/** Open billing findings, which a person has to look into. */
export async function openDiscrepancies(prisma: PrismaClient): Promise<Open[]> {
  const rows = await prisma.discrepancy.findMany({
    where: { state: 'open', kind: { in: [...billingFindingKinds] } },
    select: { id: true, kind: true, orderId: true, finding: true },
    orderBy: { id: 'asc' },
    take: 1_000,
  })
  return rows.map(({ orderId, ...row }) => ({ ...row, order_id: orderId }))
}

/** Open ones that are not of an order's money: what no self-repair settles waits for a person. */
export async function countOpenDiscrepancies(
  prisma: PrismaClient,
): Promise<{ count: number; oldest: { foundAt: Date; finding: string } | null }> {
  const where = { state: 'open', kind: { notIn: [...billingFindingKinds] } }
  const oldest = await prisma.discrepancy.findFirst({
    where,
    orderBy: { foundAt: 'asc' },
    select: { foundAt: true, finding: true },
  })
  return { count: oldest ? await prisma.discrepancy.count({ where }) : 0, oldest }
}

export function countByKind(open: Open[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of open) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function discrepancyUnknown(id: string): Problem {
  return new Problem(404, 'difference_unknown', `There is no discrepancy ${id}.`)
}

function fromRow({ kind, state, orderId, paymentId, ...row }: Row): DiscrepancyRow {
  return {
    ...row,
    kind: kind as Discrepancy['kind'],
    state: state as Discrepancy['state'],
    order_id: orderId,
    payment_id: paymentId,
  }
}

/** As it is published. */
export function discrepancyOf({ id, ...row }: DiscrepancyRow): Discrepancy {
  const { version, kind, state, order_id, payment_id, finding, repair, confirmation } = row
  return { difference_id: id, version, kind, state, order_id, payment_id, finding, repair, confirmation }
}

export function idOf(found: Pick<Found, 'kind' | 'order_id' | 'payment_id'>): string {
  // An order may be underpaid by several of its invoices.
  const about = isOfMoney(found.kind) ? `/${found.payment_id}` : ''
  return derivedId(`${found.kind}/${found.order_id}/${subjectOf(found)}${about}`, 'difference')
}

async function recordOne(prisma: PrismaClient, found: Found): Promise<boolean> {
  return await inTransaction(prisma, (tx) => recordIn(tx, found))
}

async function recordIn(tx: Tx & Transaction, found: Found): Promise<boolean> {
  const id = idOf(found)
  await tx.$executeRaw(
    sql`INSERT INTO difference (id, version, kind, state, finding, \`repair\`, found_at, seen_at)
        VALUES (${id}, 0, ${found.kind}, 'over', '', '', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
        ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)`,
  )
  const row = await lock(tx, id)
  if (!row) return false
  const isSame = row.finding === found.finding && row.confirmation === found.confirmation
  if (row.state !== 'over' && isSame) return false
  await write(tx, { ...row, ...found, state: 'open' })
  return true
}

async function lock(tx: Transaction, id: string): Promise<DiscrepancyRow | null> {
  const [row] = await tx.$queryRaw<DiscrepancyRow[]>(
    sql`SELECT * FROM difference WHERE id = ${id} FOR UPDATE`,
  )
  return row ?? null
}

async function write(tx: Tx, changed: DiscrepancyRow, by: string | null = null): Promise<DiscrepancyRow> {
  const row = { ...changed, version: changed.version + 1 }
  await tx.$executeRaw(
    sql`UPDATE difference SET version = ${row.version}, state = ${row.state}, order_id = ${row.order_id},
          payment_id = ${row.payment_id}, finding = ${row.finding.slice(0, 1_000)}, \`repair\` = ${row.repair},
          confirmation = ${row.confirmation}, decided_by = ${by},
          found_at = IF(over_at IS NULL, found_at, UTC_TIMESTAMP(3)),
          over_at = IF(${row.state} = 'over', UTC_TIMESTAMP(3), NULL)
        WHERE id = ${row.id}`,
  )
  await appendOutbox(tx, [differed(row)])
  return row
}

function differed(row: DiscrepancyRow) {
  return newEvent({
    source: 'order',
    cause: `${row.id}/${row.version}`,
    type: 'order.differed',
    subject: row.id,
    version: row.version,
    data: discrepancyOf(row),
    time: new Date(),
  })
}
