import type { PanelServer } from '../src/panel-types/resources.ts'
import type { Intent } from '../src/rules/server.ts'
import { panelServer } from './panel-server.ts'

/** A call on its way: it is carried out once, at any time before it can no longer be, or never. */
export type Sent = { intent: Intent; id: number | null; lease: number; until: number }

/** A panel with one external id, as small as it can be: it takes the id only once. */
export function modelPanel() {
  let servers: PanelServer[] = []
  let made = 0

  function execute({ intent, id }: Sent): void {
    const server = servers.find((one) => one.id === id)
    switch (intent) {
      case 'create':
        if (servers.length === 0)
          servers = [panelServer({ id: ++made, uuid: `u-${made}`, status: 'installing' })]
        break
      case 'suspend':
        if (server) server.status = 'suspended'
        break
      case 'unsuspend':
        if (server?.status === 'suspended') server.status = null
        break
      case 'delete':
        servers = servers.filter((one) => one !== server)
        break
      case 'reinstall':
      case 'resize':
      case 'rename':
        throw new Error(`Nobody asked for ${intent}`)
      default:
        intent satisfies never
    }
  }

  return {
    carryOut: execute,
    shows: (): PanelServer | null => (servers[0] ? { ...servers[0] } : null),
    install(): void {
      for (const server of servers) if (server.status === 'installing') server.status = null
    },
    /** An administrator deletes it by hand. */
    lose(): void {
      servers = []
    },
  }
}
