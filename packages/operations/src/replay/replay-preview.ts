import { inTransaction } from '@spawnpoint/database'
import type { Found } from '@spawnpoint/messaging'
import type { Tables } from '../tables.ts'
import { type Deciding, type Effect, type Finding, finding, forgetAndDecide } from './replay-decide.ts'

/** An order's state in this service, as flat fields; null while there is none. */
export type ShowOrder<Tx> = (tx: Tx, orderId: string) => Promise<Record<string, unknown> | null>

/**
 * What deciding the events of one order would change, by deciding them in a transaction that is always rolled back: later events
 * see what the earlier ones changed.
 */
export async function previewOrder<Tx extends Tables>(
  deciding: Deciding<Tx>,
  show: ShowOrder<Tx>,
  { orderId, events }: { orderId: string; events: Found[] },
): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    await inTransaction(deciding.prisma, async (tx) => {
      findings.length = 0
      for (const found of events) findings.push(await previewEvent(tx, deciding, show, { orderId, found }))
      throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  return findings
}

async function previewEvent<Tx extends Tables>(
  tx: Tx,
  deciding: Deciding<Tx>,
  show: ShowOrder<Tx>,
  { orderId, found }: { orderId: string; found: Found },
): Promise<Finding> {
  const before = await show(tx, orderId)
  const lastSeq = await newestSeq(tx)
  const outcomes = await forgetAndDecide(tx, deciding, [found.event])
  const fields = changedFields(before ?? {}, (await show(tx, orderId)) ?? {})
  return {
    ...finding(found, outcomes.get(found.event.id)),
    effect: { fields, says: await appendedSince(tx, { lastSeq, orderId }) },
  }
}

class RolledBack extends Error {}

function changedFields(before: Record<string, unknown>, after: Record<string, unknown>): Effect['fields'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter(
    (name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null),
  )
  return Object.fromEntries(
    changed.map((name) => [name, { from: before[name] ?? null, to: after[name] ?? null }]),
  )
}

async function newestSeq(tx: Tables): Promise<bigint> {
  const row = await tx.outbox.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } })
  return row?.seq ?? 0n
}

async function appendedSince(
  tx: Tables,
  { lastSeq, orderId }: { lastSeq: bigint; orderId: string },
): Promise<string[]> {
  const rows = await tx.outbox.findMany({
    where: { seq: { gt: lastSeq }, key: orderId },
    orderBy: { seq: 'asc' },
  })
  return rows.map(({ subject }) => subject)
}
