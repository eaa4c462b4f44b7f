import type { Panel } from '@spawnpoint/panel-simulator'
import type { ServerSeen } from './seen.ts'

/** What the panel really has. */
export function panelServers(panel: Panel): ServerSeen[] {
  const { servers, users } = panel.state()
  const emails = new Map(users.map(({ id, email }) => [id, email]))
  return servers.map(({ id, identifier, external_id, name, status, user, limits }) => ({
    id,
    identifier,
    external_id,
    name,
    status,
    owner: emails.get(user) ?? `user ${user}`,
    memory: limits.memory,
  }))
}
