import type { PanelServer } from './panel/resources.ts'
import type { Server } from './server.ts'

export type Observed = { found: PanelServer } | { found: null }

export type NextStep =
  | { step: 'create' }
  | { step: 'adopt'; found: PanelServer }
  | { step: 'poll'; found: PanelServer }
  | { step: 'wait' }
  | { step: 'done'; found: PanelServer }
  | { step: 'fail'; class: string; message: string }

const longestInstallMs = 3_600_000

/** What to do about one server, from what is wanted, what is known and what the panel shows now. */
export function nextStep({
  server,
  observed,
  now,
  timeScale = 1,
}: {
  server: Server
  observed: Observed
  now: Date
  timeScale?: number
}): NextStep {
  // Suspending and terminating are not done here yet: nothing is made for an order that does not want it.
  if (server.desired !== 'running') return { step: 'wait' }
  const { found } = observed
  // Absence proves nothing while a create may still land, but the panel takes an external id only once.
  if (!found) return { step: 'create' }
  if (found.external_id !== server.order_id && !isOursByNumber(server, found)) return notOurs(server, found)
  switch (found.status) {
    case null:
      return { step: 'done', found }
    case 'install_failed':
    case 'reinstall_failed':
      return fail(
        'install_failed',
        `The egg's install script failed on node ${found.node}: see its log in the panel, reinstall there, then provision the order again.`,
      )
    case 'suspended':
      return fail(
        'suspended_on_panel',
        'Somebody suspended the server on the panel: unsuspend it there, then provision the order again.',
      )
  }
  if (found.id !== server.ptero_server_id) return { step: 'adopt', found }
  const installingForMs = now.getTime() - (server.installing_since ?? now).getTime()
  if (installingForMs > longestInstallMs * timeScale)
    return fail(
      'install_timeout',
      `Node ${found.node} has not said for an hour whether the install went well: look at its Wings, then provision the order again.`,
    )
  return { step: 'poll', found }
}

/** Whether it is the server we know, whatever its external id is by now: a panel restored from a backup gives its numbers out again. */
export function isOursByNumber(server: Server, found: PanelServer): boolean {
  if (found.id !== server.ptero_server_id) return false
  // After a recovery only the identifier is known, the beginning of the uuid.
  return server.ptero_uuid === null
    ? found.identifier === server.ptero_identifier
    : found.uuid === server.ptero_uuid
}

// The panel compares external ids without case and accents.
function notOurs(server: Server, found: PanelServer): NextStep {
  return fail(
    'external_id_taken',
    `Server ${found.id} on the panel has the external id ${found.external_id}, which the panel takes for ${server.order_id}.`,
  )
}

function fail(name: string, message: string): NextStep {
  return { step: 'fail', class: name, message }
}
