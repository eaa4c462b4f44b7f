import type { Discrepancy } from '@spawnpoint/contracts'
import { type Found, subjectOf } from '../rules/discrepancies/find-discrepancies.ts'
import { openSightings } from '../rules/discrepancies/sightings.ts'
import { changeDiscrepancy, idOf, readDiscrepancy, recordDiscrepancies } from '../store/discrepancies.ts'
import type { Extent, ReconcileDeps } from './extent.ts'
import { type Compared, compare } from './reconcile.ts'
import { repairDiscrepancy } from './repair-discrepancy.ts'
import type { RepairDeps } from './repairs.ts'

type Deps = ReconcileDeps & RepairDeps & { lookBackMs: number }

/** Their repair publishes an event again: it moves no money and deletes nothing. */
const repairedAlone: readonly Discrepancy['kind'][] = [
  'payment_without_order',
  'payment_not_heard',
  'subscription_not_heard',
  'order_not_heard',
  'server_not_heard',
]

/** As long as there is no more than this, all of it is compared each time; after that what changed lately. */
const small = 500
const most = 5_000
/** How many are repaired at once; the others follow with the next run. */
const atOnce = 50
const by = 'self-repair'

/**
 * Repairs the discrepancies that an event which somebody missed leaves behind. Each has to be seen twice in a row: what was on its
 * way the first time is none.
 */
export function repairLately(deps: Deps) {
  const { prisma, log } = deps
  const sightings = openSightings({ atMost: 1_000 })
  const repaired: Partial<Record<Discrepancy['kind'], number>> = {}
  let isSmall = true

  async function tick(): Promise<number> {
    const compared = await compare(deps, extent())
    if (isSmall && compared.isCut) {
      isSmall = false
      return 1
    }
    const found = compared.found.filter(({ kind }) => repairedAlone.includes(kind))
    sightings.see(found.map(idOf))
    const certain = found.filter((one) => sightings.isCertain(idOf(one)))
    await recordDiscrepancies(prisma, certain, isSettled(compared, found))
    const due = certain.filter((one) => sightings.isDue(idOf(one))).slice(0, atOnce)
    for (const one of due) await repair(one)
    return 0
  }

  function extent(): Extent {
    if (isSmall) return { since: null, atMost: small }
    return { since: new Date(Date.now() - deps.lookBackMs), atMost: most }
  }

  async function repair(found: Found): Promise<void> {
    const id = idOf(found)
    const { state } = await readDiscrepancy(prisma, id)
    sightings.wasRepaired(id)
    if (state === 'ignored') return
    // Repaired before, and still there: a repair under the same version would be taken for a duplicate.
    if (state === 'repairing') await changeDiscrepancy(prisma, id, { state: 'open' })
    await repairDiscrepancy(deps, { id, by, confirm: undefined })
    repaired[found.kind] = (repaired[found.kind] ?? 0) + 1
    const { kind, order_id: orderId, payment_id: paymentId, finding } = found
    log.warn({ kind, orderId, paymentId }, `Discrepancy repaired by itself: ${finding}`)
  }

  /** By kind, since this replica started. */
  return { tick, repaired: () => ({ ...repaired }) }
}

// What was seen once is neither recorded yet nor resolved.
function isSettled({ isCompared }: Compared, found: Found[]): Compared['isCompared'] {
  const seen = new Set(found.map((one) => `${one.kind}/${subjectOf(one)}`))
  return (kind, subject) =>
    repairedAlone.includes(kind) && isCompared(kind, subject) && !seen.has(`${kind}/${subject}`)
}
