import { type OrderState, orderSchema, type ServerState } from '@spawnpoint/contracts'

/** One row of the table `server`: what is wanted of a server, what is known of it, and when to look again. */
export type Server = {
  order_id: string
  desired: OrderState['desired']
  order_version: number
  order_state: string
  status: 'none' | ServerState['status']
  version: number
  /** How many servers the panel was ever asked for. */
  generation: number
  attempts: number
  next_attempt_at: Date | null
  lease_token: string | null
  /** Until then a create that nobody answered may still land. */
  unknown_until: Date | null
  create_started_at: Date | null
  installing_since: Date | null
  ptero_server_id: number | null
  ptero_identifier: string | null
  ptero_uuid: string | null
  ptero_user_id: number | null
  address: string | null
  node_id: number | null
  allocation_id: number | null
  error_class: string | null
  error_message: string | null
}

export function orderOf(server: Server): OrderState {
  return orderSchema.parse(JSON.parse(server.order_state))
}

/** Whether a create that nobody answered may still become a server. */
export function mayStillLand({ unknown_until }: Pick<Server, 'unknown_until'>, now: Date): boolean {
  return unknown_until !== null && unknown_until > now
}

/** What the others hear of it. */
export function serverState(server: Server, status: ServerState['status']): ServerState {
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
  }
}
