import type { Transaction } from '@spawnpoint/database'
import type { PanelServer } from '../panel-types/resources.ts'
import { claimsOf } from '../store/reservations.ts'

/** Which of its ports a server does not have although it was made with them: the panel lets another create take them meanwhile. */
export async function findLostPorts(db: Transaction, orderId: string, found: PanelServer): Promise<number[]> {
  const has = found.relationships?.allocations
  if (!has) return []
  const ids = new Set(has.map(({ id }) => id))
  const claims = await claimsOf(db, orderId)
  // Made by an earlier call, on another place.
  if (claims[0]?.allocation_id !== found.allocation) return []
  return claims.filter(({ allocation_id }) => !ids.has(allocation_id)).map(({ port }) => port)
}

export function portsLost(found: PanelServer, ports: number[]) {
  return {
    class: 'ports_lost',
    message:
      `Server ${found.id} on the panel was made without its port ${ports.join(', ')}, which another server took meanwhile: ` +
      'give it others there and set its variables, or delete it there, then provision the order again.',
  }
}
