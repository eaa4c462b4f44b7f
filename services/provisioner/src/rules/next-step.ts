import type { PanelServer } from '../panel-types/resources.ts'
import { pendingChanges } from './last-applied.ts'
import { isInDoubt, type Server, serverMissing, wasDelivered } from './server.ts'

/** `orderOfFound`: the other order whose server it is, whatever external id the panel shows for it. */
export type Observed = { found: PanelServer | null; orderOfFound?: string | null }

export type NextStep =
  | { step: 'create' }
  | { step: 'adopt' | 'poll'; found: PanelServer }
  | { step: 'suspend' | 'unsuspend'; found: PanelServer }
  | { step: 'reinstall' | 'resize' | 'rename'; found: PanelServer }
  | { step: 'delete'; found: PanelServer; force: boolean }
  /** `until`: when an unanswered call can no longer be carried out. Null: until something happens. */
  | { step: 'wait'; until: Date | null }
  /** Null: it is to be deleted or suspended, and is not there. */
  | { step: 'done'; found: PanelServer | null }
  /** Until something changes that is not ours to change. */
  | { step: 'hold'; class: string; message: string }
  | { step: 'fail'; class: string; message: string }

export type Policy = {
  /** How often the install of a server that was never installed is retried before a person has to intervene. */
  mostReinstalls: number
  /** After how long a server is deleted by force where its node does not answer; null: never. */
  forceDeleteAfterMs: number | null
}

const carefulPolicy: Policy = { mostReinstalls: 2, forceDeleteAfterMs: null }

const longestInstallMs = 3_600_000

type Situation = { server: Server; now: Date; timeScale: number; policy: Policy }
type Seen = Situation & { found: PanelServer }

/** The next step for one server, from its desired state, its row and what the panel shows now. */
export function nextStep({
  server,
  observed: { found, orderOfFound = null },
  now,
  timeScale = 1,
  policy = carefulPolicy,
}: {
  server: Server
  observed: Observed
  now: Date
  timeScale?: number
  policy?: Policy
}): NextStep {
  if (server.desired === 'none') return { step: 'wait', until: null }
  const isToBeMade = server.desired === 'running' && !isTerminated(server)
  // What the panel names after the order is not the order's, and what was is not there.
  if (!found || (orderOfFound !== null && !isToBeMade)) return absent(server, now)
  if (orderOfFound !== null) return exchanged(found, orderOfFound)
  if (!isOurs(server, found)) return notOurs(server, found)
  const seen = { server, found, now, timeScale, policy }
  if (isTerminated(server)) return remove(seen)
  return server.desired === 'suspended' ? suspend(seen) : run(seen)
}

/** Whether it is the server in our row, whatever its external id is: a panel restored from a backup assigns its ids again. */
export function isOursByNumber(server: Server, found: PanelServer): boolean {
  if (found.id !== server.ptero_server_id) return false
  // After a recovery only the identifier is known, the beginning of the uuid.
  return server.ptero_uuid === null
    ? found.identifier === server.ptero_identifier
    : found.uuid === server.ptero_uuid
}

// A terminated server stays terminated, whatever later events of the order say.
function isTerminated({ desired, status }: Server): boolean {
  return desired === 'terminated' || status === 'terminated'
}

function absent(server: Server, now: Date): NextStep {
  // Absence proves nothing while a create is in doubt, but the panel takes an external id only once.
  if (server.desired === 'running' && !isTerminated(server))
    return wasDelivered(server) ? missing(server) : { step: 'create' }
  if (isInDoubt(server, now) && !isDeleted(server, now)) return { step: 'wait', until: server.unknown_until }
  return { step: 'done', found: null }
}

// A customer has files on it, which the panel may get back from a backup: another one is made only when a person says so.
function missing({ ptero_server_id, ptero_uuid, ptero_identifier }: Server): NextStep {
  return {
    step: 'hold',
    class: serverMissing,
    message: `The panel no longer has server ${ptero_server_id} (${ptero_uuid ?? ptero_identifier}): restore it there, or provision the order again for a new one without its files.`,
  }
}

/**
 * The panel had it when it was asked to delete it, and has it no longer, neither by its external id nor by its number: whether that was
 * answered does not matter. Only a create could bring it back: the one that was sent has landed, and an earlier one, which the panel refused
 * as long as the server was there, can no longer be carried out.
 */
function isDeleted(server: Server, now: Date): boolean {
  const { intent, intent_at, unknown_until, generation, installed_at } = server
  if (!isTerminated(server) || intent !== 'delete' || server.ptero_server_id === null) return false
  if (generation <= 1) return true
  if (installed_at === null || intent_at === null || unknown_until === null) return false
  return now.getTime() - installed_at.getTime() >= unknown_until.getTime() - intent_at.getTime()
}

function isOurs(server: Server, found: PanelServer): boolean {
  if (isOursByNumber(server, found)) return true
  // Only what we asked for is ours to delete.
  return found.external_id === server.order_id && (server.generation > 0 || !isTerminated(server))
}

// The panel compares external ids without case and accents.
function notOurs(server: Server, found: PanelServer): NextStep {
  const message =
    found.external_id === server.order_id
      ? `Server ${found.id} on the panel has the external id of this order, for which we never asked: delete it there if it is not wanted.`
      : `Server ${found.id} on the panel has the external id ${found.external_id}, which the panel takes for ${server.order_id}.`
  return fail('external_id_taken', message)
}

function exchanged({ id }: PanelServer, other: string): NextStep {
  return fail(
    'external_id_taken',
    `Server ${id} on the panel has the external id of this order, and is the server of the order ${other}: set its external id to ${other} there, then provision the order again.`,
  )
}

function remove({ server, found, now, timeScale, policy }: Seen): NextStep {
  const { delete_sent_at: since } = server
  const afterMs = policy.forceDeleteAfterMs
  const force = afterMs !== null && since !== null && now.getTime() - since.getTime() >= afterMs * timeScale
  return { step: 'delete', found, force }
}

function suspend(seen: Seen): NextStep {
  const { found } = seen
  switch (found.status) {
    case 'suspended':
      return bringUpToDate(seen)
    // Nobody can start it, and suspending it would make it look installed afterwards.
    case 'install_failed':
      return { step: 'done', found }
    case null:
    case 'reinstall_failed':
      return { step: 'suspend', found }
    case 'restoring_backup':
      return awaitRestore(seen)
    // Suspending it now would make it look installed.
    default:
      return awaitInstall(seen)
  }
}

function run(seen: Seen): NextStep {
  const { server, found } = seen
  switch (found.status) {
    case null:
      return bringUpToDate(seen)
    case 'restoring_backup':
      return bringUpToDate(seen).step === 'done' ? { step: 'done', found } : awaitRestore(seen)
    case 'install_failed':
    case 'reinstall_failed':
      return repairInstall(seen)
    case 'suspended':
      if (server.suspend_sent_at === null && server.status !== 'suspended')
        return fail(
          'suspended_on_panel',
          'Somebody suspended the server on the panel: unsuspend it there, then provision the order again.',
        )
      // Unsuspended it would look installed, which it never was.
      return server.installed_at === null ? repairInstall(seen) : { step: 'unsuspend', found }
    default:
      return awaitInstall(seen)
  }
}

function bringUpToDate(seen: Seen): NextStep {
  const { server, found } = seen
  const { size, details } = pendingChanges(server)
  // A suspended server would run again.
  const reinstall = found.status === null ? reinstallForEgg(seen) : null
  if (reinstall) return reinstall
  if (size) return { step: 'resize', found }
  if (details) return { step: 'rename', found }
  return { step: 'done', found }
}

/**
 * It has another egg since a change of plan, and the files of the one before. Once it was asked to reinstall it, the panel shows `installing`
 * (then nothing is left to do), or another time of change: it has, and the customer may have new files. Only where neither is so, and the call
 * can no longer be carried out, it is asked again.
 */
function reinstallForEgg({ server, found, now }: Seen): NextStep | null {
  const { reinstall_egg, reinstall_sent_of: sentOf, unknown_until } = server
  if (reinstall_egg === null || found.egg !== reinstall_egg) return null
  if (sentOf !== null && isInDoubt(server, now)) return { step: 'wait', until: unknown_until }
  return sentOf === null || found.updated_at === sentOf ? { step: 'reinstall', found } : null
}

// On a server that was installed once a customer has files, which its install script may overwrite.
function repairInstall({ server, found, policy }: Seen): NextStep {
  if (server.installed_at === null && server.reinstalls < policy.mostReinstalls)
    return { step: 'reinstall', found }
  return fail(
    'install_failed',
    `The egg's install script failed on node ${found.node}: see its log in the panel, reinstall there, then provision the order again.`,
  )
}

function awaitInstall({ server, found, now, timeScale }: Seen): NextStep {
  if (found.id !== server.ptero_server_id) return { step: 'adopt', found }
  const installingForMs = now.getTime() - (server.installing_since ?? now).getTime()
  if (installingForMs <= longestInstallMs * timeScale) return { step: 'poll', found }
  const silence = `Node ${found.node} has not reported for an hour whether the install succeeded: check its Wings`
  const isFirst = server.desired === 'running' && server.status !== 'provisioned'
  // One that somebody began on the panel keeps nobody from having or losing the server later.
  return isFirst
    ? fail('install_timeout', `${silence}, then provision the order again.`)
    : {
        step: 'hold',
        class: 'install_timeout',
        message: `${silence}; what the order wants is done after that.`,
      }
}

/** The panel sets the status to null at its end, whatever it was before: a suspension would be over. */
function awaitRestore({ found: { node } }: Seen): NextStep {
  return {
    step: 'hold',
    class: 'restoring_backup',
    message: `The panel restores a backup of the server: what the order wants is done after that. If it never ends, restart Wings on node ${node}, which ends it.`,
  }
}

function fail(name: string, message: string): NextStep {
  return { step: 'fail', class: name, message }
}
