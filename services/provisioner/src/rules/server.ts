import { type OrderState, orderSchema, type ServerState } from '@spawnpoint/contracts'
import { naming } from '../panel-types/main-panel.ts'
import { lastAppliedOf } from './last-applied.ts'

/** The calls that change a server on the panel. */
export type Intent = 'create' | 'suspend' | 'unsuspend' | 'reinstall' | 'resize' | 'rename' | 'delete'

/** One row of the table `server`: what is wanted of a server, what is known of it, and when to look again. */
export type Server = {
  order_id: string
  desired: OrderState['desired']
  order_version: number
  order_state: string
  /** The order as the server on the panel was last made to fit; null while nobody knows. */
  built_state: string | null
  status: 'none' | ServerState['status']
  version: number
  /** How many servers the panel was ever asked for. */
  generation: number
  attempts: number
  next_attempt_at: Date | null
  lease_token: string | null
  /** What the panel was last asked to do, and when. */
  intent: Intent | null
  intent_at: Date | null
  /** Until then a call that nobody answered may still be carried out. */
  unknown_until: Date | null
  installing_since: Date | null
  /** When its install was first seen to have gone well: since then a customer may have something on it. */
  installed_at: Date | null
  reinstalls: number
  /** Since when it is we who have it suspended. */
  suspend_sent_at: Date | null
  delete_sent_at: Date | null
  ptero_server_id: number | null
  ptero_identifier: string | null
  ptero_uuid: string | null
  ptero_user_id: number | null
  address: string | null
  node_id: number | null
  allocation_id: number | null
  /** Where it is, or is looked for and made; for good once that was asked to make it, as long as something of it may be there. */
  panel_id: string
  error_class: string | null
  error_message: string | null
}

export function orderOf({ order_state }: Pick<Server, 'order_state'>): OrderState {
  return orderSchema.parse(JSON.parse(order_state))
}

/** Whether a call that nobody answered may still be carried out. */
export function isInDoubt({ unknown_until }: Pick<Server, 'unknown_until'>, now: Date): boolean {
  return unknown_until !== null && unknown_until > now
}

/** What the others hear of it. */
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
  }
}
