import type { PanelServer } from '../panel-types/resources.ts'
import { addressOf, type Placed } from './address.ts'
import type { Server } from './server.ts'

type Published = Pick<
  Server,
  'status' | 'ptero_server_id' | 'node_id' | 'allocation_id' | 'address' | 'moved_region'
>
type Shown = Placed & Pick<PanelServer, 'id' | 'node'>

/**
 * Whether the panel shows a server elsewhere than we published it: it was transferred to another node, or its port, its ip or its alias was
 * changed. As long as a transfer runs, the panel shows the server where it was (`ServerTransferController::success` moves it in one
 * transaction), and the port to come as one more of its ports.
 */
export function hasMoved(server: Published, found: Shown): boolean {
  const isPublished = server.status === 'provisioned' || server.status === 'suspended'
  const address = addressOf(found)
  if (!isPublished || server.ptero_server_id !== found.id || address === null) return false
  const isOther = (before: number | null, now: number) => before !== null && before !== now
  return (
    isOther(server.node_id, found.node) ||
    isOther(server.allocation_id, found.allocation) ||
    server.address !== address
  )
}

/** Where it is by now. A server whose own port is not shown stays where it was: the panel lets others take a port away. */
export function whereabouts(server: Published, found: PanelServer): Partial<Server> {
  const isSame = server.ptero_server_id === found.id
  const address = addressOf(found)
  if (isSame && address === null) return {}
  const { node: node_id, allocation: allocation_id } = found
  const isElsewhere = isSame && server.node_id !== null && server.node_id !== node_id
  const moved_region = isElsewhere ? '' : isSame ? server.moved_region : null
  return { node_id, allocation_id, address, moved_region }
}

/** What the row says of the region, where its node is in these: null for the order's own, empty where they leave it open. */
export function movedRegion(orderRegion: string, regions: string[]): string | null {
  if (regions.includes(orderRegion)) return null
  const [region, ...others] = regions
  return region !== undefined && others.length === 0 ? region : ''
}
