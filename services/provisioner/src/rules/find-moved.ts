import type { Known, Shown } from './compared.ts'
import { isSameServer } from './find-drift.ts'
import { hasMoved, movedRegion } from './moved.ts'

/**
 * The orders whose servers the panel shows elsewhere than we published them, or whose region is known by now. Their servers are reconciled,
 * which takes it over. Not where the server is not as its order wants it, for then that would be changed too: a drift says so first.
 */
export function findMoved(
  shown: Shown[],
  known: Known[],
  { regionsOf }: { regionsOf: (nodeId: number) => string[] },
): string[] {
  const byUuid = new Map(shown.map((server) => [server.uuid, server]))
  return known
    .filter((row) => {
      const server = row.ptero_uuid === null ? undefined : byUuid.get(row.ptero_uuid)
      if (!server || !isSameServer(row, server.uuid) || !isAsWanted(row, server)) return false
      const isResolved = row.moved_region === '' && movedRegion(row.region, regionsOf(server.node)) !== ''
      return hasMoved(row, server) || isResolved
    })
    .map(({ order_id }) => order_id)
}

function isAsWanted({ desired }: Known, { status }: Shown): boolean {
  return (desired === 'running' && status === null) || (desired === 'suspended' && status === 'suspended')
}
