import type { ServerState } from '@spawnpoint/contracts'
import type { Server } from './server.ts'

/** The event of a server: the word after `server.`; `moved` is the event of its status once more, with another address. */
export type ServerEventName =
  | 'waiting'
  | 'provisioning'
  | 'provisioned'
  | 'failed'
  | 'resized'
  | 'moved'
  | 'suspended'
  | 'resumed'
  | 'terminated'

/** The status once that event is published. */
export function statusAfter(event: ServerEventName, before: Server['status']): ServerState['status'] {
  switch (event) {
    // An existing server keeps its status while it waits.
    case 'waiting':
      return isOnPanel(before) ? before : 'waiting'
    case 'resized':
    case 'moved':
      return isOnPanel(before) ? before : 'provisioned'
    case 'resumed':
      return 'provisioned'
    case 'provisioning':
    case 'provisioned':
    case 'failed':
    case 'suspended':
    case 'terminated':
      return event
    default:
      return event satisfies never
  }
}

type Standing = Exclude<Server['status'], 'none' | 'waiting' | 'failed'>

/** On the panel by the last published status; a terminated one counts as settled. */
export function isOnPanel(status: Server['status']): status is Standing {
  return status !== 'none' && status !== 'waiting' && status !== 'failed'
}
