import type { Server } from '../src/rules/server.ts'

/** The row of a server that is wanted and not there, but for what is given. */
export function serverRow(changes: Partial<Server> = {}): Server {
  return {
    order_id: 'o-1',
    desired: 'running',
    order_version: 1,
    order_state: '{}',
    built_state: null,
    status: 'none',
    version: 0,
    generation: 0,
    attempts: 0,
    next_attempt_at: null,
    lease_token: null,
    unknown_until: null,
    intent: null,
    intent_at: null,
    installing_since: null,
    installed_at: null,
    reinstalls: 0,
    suspend_sent_at: null,
    delete_sent_at: null,
    ptero_server_id: null,
    ptero_identifier: null,
    ptero_uuid: null,
    ptero_user_id: null,
    address: null,
    node_id: null,
    allocation_id: null,
    panel_id: 'main',
    moved_region: null,
    error_class: null,
    error_message: null,
    ...changes,
  }
}
