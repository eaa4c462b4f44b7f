import type { ServerState } from '@spawnpoint/contracts'
import { addressOf, type PanelServer } from './panel/resources.ts'
import { pollDelayMs, retryDelayMs, roomDelayMs } from './schedule.ts'
import type { Server } from './server.ts'

/** What is written of one server, told to the others, and when it is looked at again. */
export type Change = {
  set: Partial<Server>
  /** What the others are told: the server's new status. */
  tell?: ServerState['status'] | undefined
  /** `keep`: we go on with it at once. A number: given back, and due again after so many ms. Null: given back until something happens. */
  due: 'keep' | number | null
}

type Reason = { class: string; message: string }

/** It is on the panel, and not installed yet. */
export function adopted(server: Server, found: PanelServer, now: Date): Change {
  const set = { ...seen(found), attempts: 0, installing_since: server.installing_since ?? now }
  return { set, tell: 'provisioning', due: pollDelayMs(0) }
}

/** It is still being installed. */
export function installing(server: Server, found: PanelServer, now: Date, timeScale: number): Change {
  const forMs = Math.max(0, now.getTime() - (server.installing_since ?? now).getTime())
  return { set: seen(found), due: pollDelayMs(forMs / timeScale) }
}

/** It is there and installed; news only to those who did not know. */
export function done(server: Server, found: PanelServer): Change {
  const isNews = server.status !== 'provisioned' || server.ptero_server_id !== found.id
  return {
    set: { ...seen(found), attempts: 0, unknown_until: null, installing_since: null },
    tell: isNews ? 'provisioned' : undefined,
    due: null,
  }
}

/** Nothing was sent, and something has to be there first. Told at once, and again when the reason is another. */
export function waiting(server: Server, reason: Reason, random = Math.random()): Change {
  const isNews = server.status !== 'waiting' || server.error_class !== reason.class
  return {
    set: because(server, reason),
    tell: isNews ? 'waiting' : undefined,
    due: roomDelayMs(server.attempts, random),
  }
}

/** A person has to mend something. */
export function failed({ class: error_class, message: error_message }: Reason): Change {
  return { set: { error_class, error_message }, tell: 'failed', due: null }
}

/**
 * The panel did not do it, and is asked again. The third time in a row it is told, once for each reason: a hiccup is no news,
 * and a server that is being installed, or was there already, is not waited for.
 */
export function troubled(
  server: Server,
  reason: Reason,
  { retryAfterMs, random = Math.random() }: { retryAfterMs: number; random?: number },
): Change {
  const isTold = server.status === 'waiting' && server.error_class === reason.class
  const isThere = server.status === 'provisioning' || server.status === 'provisioned'
  return {
    set: because(server, reason),
    tell: server.attempts >= 2 && !isTold && !isThere ? 'waiting' : undefined,
    due: Math.max(retryDelayMs(server.attempts, random), retryAfterMs),
  }
}

function seen(found: PanelServer): Partial<Server> {
  return {
    ptero_server_id: found.id,
    ptero_identifier: found.identifier,
    ptero_uuid: found.uuid,
    ptero_user_id: found.user,
    node_id: found.node,
    allocation_id: found.allocation,
    address: addressOf(found),
    error_class: null,
    error_message: null,
  }
}

function because(
  { attempts }: Server,
  { class: error_class, message: error_message }: Reason,
): Partial<Server> {
  return { attempts: attempts + 1, error_class, error_message }
}
