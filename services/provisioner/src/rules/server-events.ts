import type { ServerState } from '@spawnpoint/contracts'
import type { Server } from './server.ts'

/** What the others are told of a server: the word after `server.`. */
export type ServerEventName =
  | 'waiting'
  | 'provisioning'
  | 'provisioned'
  | 'failed'
  | 'resized'
  | 'suspended'
  | 'resumed'
  | 'terminated'

/** Where the server stands once that is told. */
export function statusAfter(news: ServerEventName, before: Server['status']): ServerState['status'] {
  switch (news) {
    // What is there already waits for something else than itself.
    case 'waiting':
      return isOnPanel(before) ? before : 'waiting'
    case 'resized':
      return isOnPanel(before) ? before : 'provisioned'
    case 'resumed':
      return 'provisioned'
    case 'provisioning':
    case 'provisioned':
    case 'failed':
    case 'suspended':
    case 'terminated':
      return news
    default:
      return news satisfies never
  }
}

type Standing = Exclude<Server['status'], 'none' | 'waiting' | 'failed'>

/** On the panel, as far as anybody was told; one that is terminated is where it is to be. */
export function isOnPanel(status: Server['status']): status is Standing {
  return status !== 'none' && status !== 'waiting' && status !== 'failed'
}
