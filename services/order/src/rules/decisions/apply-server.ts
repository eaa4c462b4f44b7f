import type { ServerState } from '@spawnpoint/contracts'
import { type Decision, ignored, plainRules, type Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { syncStatus } from '../order/sync-status.ts'
import { reevaluateOrder } from './reevaluate-order.ts'
import { applyUndeliverable, moveToRegion } from './undeliverable.ts'

/** What this state of the server makes of the order: the newest version wins, and counts once the order is paid. */
export function applyServer(order: Order, server: ServerState, rules: Rules = plainRules): Decision {
  if (server.version <= order.server_version) return lateEvent(order, server)
  const delivered = order.delivery.delivered || server.status === 'provisioned'
  const updated: Order = {
    ...order,
    server_version: server.version,
    server_status: server.status,
    server_error: server.error_message,
    ptero_server_id: server.ptero_server_id,
    ptero_identifier: server.ptero_identifier,
    address: server.address,
    region: server.region ?? order.region,
    delivery: { ...order.delivery, delivered },
  }
  const next = order.desired === 'none' ? updated : syncStatus(updated)
  const note = server.error_message ?? movedTo(order, updated)
  if (isGone(order, server)) return payBack(next)
  if (isSuspicious(order) || updated.region !== order.region)
    return reevaluateOrder(order, next, { rules, note })
  const decision =
    applyUndeliverable(order, next, { server, rules }) ?? moveToRegion(order, next, { server, rules })
  return decision ?? { kind: 'apply', event: null, note, order: next }
}

/** Whether more may follow from it than the order's status. */
export function mayChangeMore(order: Order | undefined, server: ServerState): boolean {
  if (!order) return false
  const isImpossible = server.status === 'failed' && !order.delivery.delivered
  const isElsewhere = server.region !== undefined && server.region !== order.region
  return isImpossible || isElsewhere || isSuspicious(order) || order.delivery.moving_to !== null
}

// Somebody moved it on the panel: a server that was made anew has another number.
function movedTo(before: Order, { region, address, ptero_server_id }: Order): string | null {
  if (region !== before.region) return `In the region ${region} from now on: its server was moved there`
  const isSame = ptero_server_id !== null && ptero_server_id === before.ptero_server_id
  const isElsewhere = address !== null && before.address !== null && address !== before.address
  return isSame && isElsewhere ? `Its address is ${address} from now on, no longer ${before.address}` : null
}

// Whatever became of it since: it was ready once.
function lateEvent(order: Order, { status }: ServerState): Decision {
  if (status !== 'provisioned' || order.delivery.delivered) return ignored('older_server_version')
  const delivery = { ...order.delivery, delivered: true }
  return { kind: 'apply', event: null, note: null, order: { ...order, delivery } }
}

/** Stripe takes its payment for fraud: that is one thing while nothing stands on the panel, and another where a server does. */
function isSuspicious({ money }: Order): boolean {
  return money.payments.some(({ fraud_warning }) => fraud_warning !== null)
}

function isGone(order: Order, server: ServerState): boolean {
  return (
    order.refund_request !== null && server.status === 'terminated' && order.server_status !== 'terminated'
  )
}

// Only now it is certain that nothing can be used of what is paid back.
function payBack(order: Order): Decision {
  const note = order.refund_request && `To be paid back: ${order.refund_request.reason}`
  return {
    kind: 'apply',
    event: 'order.refund_requested',
    note,
    order: { ...order, version: order.version + 1 },
  }
}
