import { type OrderState, orderSchema, type ServerState } from '@spawnpoint/contracts'
import { naming } from '../panel-types/main-panel.ts'
import { lastAppliedOf } from './last-applied.ts'

/** The calls that change a server on the panel. */
export type Intent = 'create' | 'suspend' | 'unsuspend' | 'reinstall' | 'resize' | 'rename' | 'delete'

/** One row of the table `server`: its desired state, its observed state, and when it is due. */
export type Server = {
  order_id: string
  desired: OrderState['desired']
  order_version: number
  order_state: string
  /** The order as it was last applied to the server on the panel; null while unknown. */
  built_state: string | null
  status: 'none' | ServerState['status']
  version: number
  /** How many creates were ever sent. */
  generation: number
  attempts: number
  next_attempt_at: Date | null
  lease_token: string | null
  /** The last call that was recorded before it was sent, and when. */
  intent: Intent | null
  intent_at: Date | null
  /** In doubt until then: an unanswered call may still be carried out. */
  unknown_until: Date | null
  installing_since: Date | null
  /** When its install was first seen to have succeeded: since then a customer may have files on it. */
  installed_at: Date | null
  reinstalls: number
  /** The egg that it is given by another plan, for which it is to be reinstalled: until the panel has begun to. */
  reinstall_egg: number | null
  /** What the panel showed as `updated_at` when that was asked for; null: it was not. */
  reinstall_sent_of: string | null
  /** Since when it is suspended by us. */
  suspend_sent_at: Date | null
  delete_sent_at: Date | null
  ptero_server_id: number | null
  ptero_identifier: string | null
  ptero_uuid: string | null
  ptero_user_id: number | null
  address: string | null
  node_id: number | null
  allocation_id: number | null
  /** The panel where it is, or will be created; fixed once a create was sent there, as long as something of it may be there. */
  panel_id: string
  /**
   * The region of the node to which it was moved on the panel, until its order is in it; empty where that node is in none or in several,
   * or was not looked up yet.
   */
  moved_region: string | null
  error_class: string | null
  error_message: string | null
}

export function orderOf({ order_state }: Pick<Server, 'order_state'>): OrderState {
  return orderSchema.parse(JSON.parse(order_state))
}

/** Whether an unanswered call may still be carried out. */
export function isInDoubt({ unknown_until }: Pick<Server, 'unknown_until'>, now: Date): boolean {
  return unknown_until !== null && unknown_until > now
}

/** The class of a server that the panel had, and has no longer. */
export const serverMissing = 'server_missing'

/** Whether its customer had the server that the row names; a server whose name was taken from its row is given up. */
export function wasDelivered(
  server: Pick<Server, 'status' | 'installed_at' | 'ptero_server_id' | 'ptero_uuid' | 'ptero_identifier'>,
): boolean {
  const { status, installed_at, ptero_server_id, ptero_uuid, ptero_identifier } = server
  const wasReady = installed_at !== null || status === 'provisioned' || status === 'suspended'
  return wasReady && ptero_server_id !== null && (ptero_uuid ?? ptero_identifier) !== null
}

/** The state that events carry. */
export function serverState(
  server: Server,
  status: ServerState['status'],
): ServerState & { plan: string | null } {
  return {
    order_id: server.order_id,
    version: server.version,
    order_version: server.order_version,
    status,
    ptero_server_id: server.ptero_server_id,
    ptero_identifier: server.ptero_identifier,
    address: server.address,
    node_id: server.node_id,
    error_class: server.error_class,
    error_message: server.error_message,
    plan: lastAppliedOf(server).plan ?? null,
    ...naming(server.panel_id),
    ...(server.moved_region ? { region: server.moved_region } : {}),
  }
}
