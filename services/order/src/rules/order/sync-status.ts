import type { ServerState } from '@spawnpoint/contracts'
import type { Order } from './order.ts'

/** An order that wants something of its server stands where that stands. */
export function syncStatus(order: Order): Order {
  return { ...order, status: statusOf(order.server_status), error_message: order.server_error }
}

function statusOf(server: ServerState['status'] | null): Order['status'] {
  switch (server) {
    case null:
    case 'waiting':
      return 'paid'
    case 'provisioning':
    case 'provisioned':
    case 'suspended':
    case 'terminated':
      return server
    case 'failed':
      return 'error'
    default:
      return server satisfies never
  }
}
