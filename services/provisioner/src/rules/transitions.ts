import type { PanelServer } from '../panel-types/resources.ts'
import { pollDelayMs, retryDelayMs, roomDelayMs } from './backoff.ts'
import { hasMoved, whereabouts } from './moved.ts'
import { isInDoubt, type Server, wasDelivered } from './server.ts'
import { isOnPanel, type ServerEventName } from './server-events.ts'
import { inDoubt, passing } from './waiting-reasons.ts'

/** What is written of one server, which event is published, and when it is due again. */
export type Transition = {
  set: Partial<Server>
  /** The event to publish. */
  publish?: ServerEventName | undefined
  /**
   * `keep`: the lease is kept and the next step follows at once. A number: released, and due after so many ms. A time: due then. Null: released
   * until an event makes it due.
   */
  due: 'keep' | number | Date | null
}

type Reason = { class: string; message: string }

const second = 1_000

/** It is on the panel, and not yet installed. */
export function adopted(server: Server, found: PanelServer, now: Date): Transition {
  const set = { ...seen(server, found), attempts: 0, installing_since: server.installing_since ?? now }
  return { set, publish: 'provisioning', due: pollDelayMs(0, null) }
}

/** The panel has begun to reinstall it for its new egg: what comes now is the customer's. */
const reinstalled = { reinstall_egg: null, reinstall_sent_of: null } as const

/** Asked for, and answered: it is installed anew. */
export function reinstalling(server: Server, now: Date): Transition {
  const set = { ...reinstalled, reinstalls: server.reinstalls + 1, installing_since: now }
  return { set, publish: 'provisioning', due: pollDelayMs(0, null) }
}

/** It is still being installed. */
export function installing(
  server: Server,
  found: PanelServer,
  { now, timeScale, usualMs }: { now: Date; timeScale: number; usualMs: number | null },
): Transition {
  const forMs = Math.max(0, now.getTime() - (server.installing_since ?? now).getTime())
  const publish = hasMoved(server, found) ? 'moved' : undefined
  const begun = { installing_since: server.installing_since ?? now }
  const set = { ...seen(server, found), ...begun, ...(found.egg === server.reinstall_egg ? reinstalled : {}) }
  return { set, publish, due: pollDelayMs(forMs / timeScale, usualMs) }
}

/** The panel shows the desired state; published only if that is new. */
export function done(server: Server, found: PanelServer | null, now: Date): Transition {
  if (!found) return { ...gone(server), due: restUntil(server, now) }
  const shown = { ...seen(server, found), attempts: 0, installing_since: null }
  const due = restUntil(server, now)
  if (server.desired === 'suspended') {
    const suspend_sent_at = found.status === 'suspended' ? (server.suspend_sent_at ?? now) : null
    const publish = server.status === 'suspended' ? changed(server, found) : 'suspended'
    // A failed install is left as it is, whatever else the order wants.
    const built_state = found.status === 'suspended' ? server.order_state : server.built_state
    return { set: { ...shown, built_state, suspend_sent_at }, publish, due }
  }
  const isNew = server.status !== 'provisioned' || server.ptero_server_id !== found.id
  const wasHere = server.status === 'suspended' && server.ptero_server_id === found.id
  return {
    set: {
      ...shown,
      built_state: server.order_state,
      installed_at: server.installed_at ?? now,
      ...reinstalled,
      // While an unanswered suspension may still be carried out, it is ours.
      suspend_sent_at: due === null ? null : server.suspend_sent_at,
    },
    publish: isNew ? (wasHere ? 'resumed' : 'provisioned') : changed(server, found),
    due,
  }
}

function changed(server: Server, found: PanelServer): ServerEventName | undefined {
  return hasMoved(server, found) ? 'moved' : unblocked(server)
}

function gone(server: Server): Pick<Transition, 'set' | 'publish'> {
  const publish = server.desired === 'suspended' ? 'suspended' : 'terminated'
  // It may come back, and is not made anew by itself when its order is resumed.
  const place = publish === 'suspended' && wasDelivered(server) ? { attempts: 0 } : nowhere
  return {
    set: { ...place, error_class: null, error_message: null },
    publish: server.status === publish ? undefined : publish,
  }
}

const nowhere = {
  ptero_server_id: null,
  ptero_identifier: null,
  ptero_uuid: null,
  ptero_user_id: null,
  node_id: null,
  allocation_id: null,
  address: null,
  moved_region: null,
  ...reinstalled,
  installing_since: null,
  attempts: 0,
} as const

// An unanswered call that is carried out late undoes what we saw. But the panel creates no second server for an order.
function restUntil(server: Server, now: Date): Date | null {
  return isInDoubt(server, now) && server.intent !== 'create' ? server.unknown_until : null
}

/**
 * The panel has made it fit the order, in these of its fields: unless an unanswered call may still be carried out after it, for
 * then it is sent again.
 */
export function afterPanelCall(
  server: Server,
  { built_state, publish, now }: { built_state: string; publish: ServerEventName | undefined; now: Date },
): Transition {
  if (isInDoubt(server, now)) return resting(server, server.unknown_until)
  return {
    set: { built_state, attempts: 0, error_class: null, error_message: null },
    publish: publish ?? unblocked(server),
    due: 'keep',
  }
}

// What was wrong with it may have been published: whoever shows that is told that it is over.
function unblocked({ status, error_class }: Server): 'resized' | undefined {
  if (error_class === null || passing.includes(error_class)) return undefined
  return status === 'provisioned' || status === 'suspended' ? 'resized' : undefined
}

/** Nothing was sent, for others come first: it is due again in a few seconds. */
export function delayed(
  server: Server,
  { class: error_class, message: error_message }: Reason,
  random = Math.random(),
): Transition {
  const set = server.error_class === error_class ? {} : { error_class, error_message }
  return { set, due: (2 + random) * second }
}

/** An unanswered call may still be carried out until then, or nothing is wanted: null. */
export function resting(server: Server, until: Date | null): Transition {
  if (until === null || server.error_class !== null) return { set: {}, due: until }
  const { class: error_class, message: error_message } = inDoubt(server.intent ?? 'a call', until)
  return { set: { error_class, error_message }, due: until }
}

/** It is on the panel, and blocked until something else changes. Published once for each reason. */
export function blocked(server: Server, reason: Reason, random = Math.random()): Transition {
  return {
    set: because(server, reason),
    publish: server.error_class === reason.class ? undefined : 'waiting',
    due: retryDelayMs(server.attempts, random),
  }
}

/**
 * Nothing was sent: something is missing. Published at once, and again when the reason changes. It is parked until
 * it is made due, but not while a create is in doubt.
 */
export function waiting(server: Server, reason: Reason, now: Date, random = Math.random()): Transition {
  const isNew = server.status !== 'waiting' || server.error_class !== reason.class
  const why = { error_class: reason.class, error_message: reason.message }
  // It may have been on the panel before: nothing is left of it.
  const parked = { ...nowhere, ...why, status: server.status === 'waiting' ? 'waiting' : 'none' } as const
  const isLanding = isInDoubt(server, now)
  return {
    set: isLanding ? because(server, reason) : parked,
    publish: isNew ? 'waiting' : undefined,
    due: isLanding ? roomDelayMs(server.attempts, random) : null,
  }
}

/** Nothing of it is or can be on its panel: it is reconciled on another. */
export function moved(panel_id: string): Transition {
  return { set: { panel_id, attempts: 0 }, due: 0 }
}

/** A person has to repair something. */
export function failed({ class: error_class, message: error_message }: Reason): Transition {
  return { set: { error_class, error_message }, publish: 'failed', due: null }
}

/**
 * The call failed and is retried. Published from the third failure in a row, once for each reason: a hiccup is not worth an event. A server
 * that is there already keeps its status.
 */
export function panelFailed(
  server: Server,
  reason: Reason,
  { retryAfterMs, random = Math.random() }: { retryAfterMs: number; random?: number },
): Transition {
  const { attempts, status, error_class } = server
  const isSame = error_class === reason.class || said.includes(error_class ?? '')
  const isPublished = isSame && (status === 'waiting' || (attempts > 2 && isOnPanel(status)))
  return {
    set: because(server, reason),
    publish: attempts >= 2 && !isPublished ? 'waiting' : undefined,
    due: Math.max(retryDelayMs(server.attempts, random), retryAfterMs),
  }
}

/** Said between two failures, and no news of them. */
const said = [...passing, 'node_busy']

function seen(server: Server, found: PanelServer): Partial<Server> {
  return {
    ptero_server_id: found.id,
    ptero_identifier: found.identifier,
    ptero_uuid: found.uuid,
    ptero_user_id: found.user,
    ...whereabouts(server, found),
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
